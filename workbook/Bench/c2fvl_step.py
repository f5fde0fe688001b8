"""Times a training step of C2FVL in plain PyTorch on a GPU: python3 c2fvl_step.py BATCH [BATCH ...]

A port in eager mode, written from the paper's equations and the released network's shapes (24,196,088 parameters at
width 64). The batch is on the GPU already. Median, fastest and slowest of 20 steps after 5.
"""
import sys, time, torch, torch.nn as nn, torch.nn.functional as F



class CBR(nn.Module):

    def __init__(self, i, o):
        super().__init__()
        self.c = nn.Conv2d(i, o, 3, padding=1)
        self.n = nn.BatchNorm2d(o)

    def forward(self, x):
        return F.relu(self.n(self.c(x)))



class Pair(nn.Sequential):

    def __init__(self, i, o):
        super().__init__(CBR(i, o), CBR(o, o))



class Attn(nn.Module):

    def __init__(self, c, h):
        super().__init__()
        self.h = h
        self.qkv = nn.Linear(c, 3 * c)
        self.o = nn.Linear(c, c)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, self.h, c // self.h).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-1, -2) * (c // self.h) ** (-0.5)).softmax(-1)
        return self.o((a @ v).transpose(1, 2).reshape(b, n, c))



class Vit(nn.Module):

    def __init__(self, c, p, n, first):
        super().__init__()
        self.e = nn.Conv2d(c, c, p, stride=p)
        self.pos = nn.Parameter(torch.zeros(1, n, c))
        self.n1 = nn.LayerNorm(c)
        self.n2 = nn.LayerNorm(c)
        self.a = Attn(c, 8)
        self.m = nn.Sequential(nn.Linear(c, 4 * c), nn.GELU(), nn.Dropout(0.1), nn.Linear(4 * c, c), nn.Dropout(0.1))
        self.first = first
        if not first:
            self.t = nn.Conv1d(c, c // 2, 3, padding=1)
            self.tn = nn.BatchNorm1d(c // 2)

    def forward(self, x, prev):
        x = F.dropout(self.e(x).flatten(2).transpose(1, 2) + self.pos, 0.1, self.training)
        x = x + self.a(self.n1(x))
        x = x + self.m(self.n2(x))
        return x if self.first else torch.cat([F.relu(self.tn(self.t(x.transpose(1, 2)))).transpose(1, 2), prev], 2)



class Rec(nn.Module):

    def __init__(self, c):
        super().__init__()
        self.c = nn.Conv2d(c, c, 1)
        self.n = nn.BatchNorm2d(c)

    def forward(self, t, x):
        b, n, c = t.shape
        k = int(n ** 0.5)
        t = F.interpolate(t.permute(0, 2, 1).reshape(b, c, k, k), size=x.shape[2:])
        return F.relu(self.n(self.c(t))) + x



class Vlab(nn.Module):

    def __init__(self, c):
        super().__init__()
        self.ca = nn.Conv2d(c, c, 1, bias=False)
        self.cm = nn.Conv2d(c, c, 1, bias=False)
        self.la = nn.Linear(c, c)
        self.lm = nn.Linear(c, c)
        self.b = nn.Sequential(nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1))

    def forward(self, x):
        a = F.relu(self.la(self.ca(x).permute(0, 2, 3, 1))).mean(-1)
        m = F.relu(self.lm(self.cm(x).permute(0, 2, 3, 1))).max(-1).values
        return x * self.b((a + m).unsqueeze(-1)).permute(0, 3, 1, 2)



class Up(nn.Module):

    def __init__(self, i, o):
        super().__init__()
        self.v = Vlab(i // 2)
        self.p = Pair(i, o)

    def forward(self, d, k):
        a = self.v(k)
        return (self.p(torch.cat([a, F.interpolate(d, scale_factor=2)], 1)), a)



class C2FVL(nn.Module):

    def __init__(self, w=64, size=224):
        super().__init__()
        self.inc = CBR(3, w)
        self.d = nn.ModuleList([Pair(w, 2 * w), Pair(2 * w, 4 * w), Pair(4 * w, 8 * w), Pair(8 * w, 8 * w)])
        self.v = nn.ModuleList([Vit(w << i, 16 >> i, (size // 16) ** 2, i == 0) for i in range(4)])
        self.r = nn.ModuleList([Rec(w << i) for i in range(4)])
        self.u = nn.ModuleList([Up(16 * w, 4 * w), Up(8 * w, 2 * w), Up(4 * w, w), Up(2 * w, w)])
        self.o = nn.ModuleList([nn.Conv2d(w << i, 1, 1) for i in range(4)])

    def forward(self, x, t):
        xs = [self.inc(x)]
        for d in self.d:
            xs.append(d(F.max_pool2d(xs[-1], 2)))
        p = None
        k = []
        for i in range(4):
            p = self.v[i](xs[i], p)
            y = self.r[i](p, xs[i])
            k.append(y * t.repeat(1, y.shape[1] // 8)[:, :, None, None])
        m = xs[4]
        al = [None] * 4
        for j, i in enumerate([3, 2, 1, 0]):
            m, al[i] = self.u[j](m, k[i])
        return (self.o[0](m), [self.o[i](al[i]) for i in range(4)])



def loss(o, al, y):
    p = o.sigmoid()
    a, b = (p.flatten(1) * 0.5, y.flatten(1) * 0.5)
    dice = (1 - (2 * (a * b).sum(1) + 1e-05) / (a.square().sum(1) + b.square().sum(1) + 1e-05)).mean()
    e = F.binary_cross_entropy_with_logits(o, y, reduction='none')
    bce = 0.5 * (e * y).sum() / y.sum() + 0.5 * (e * (1 - y)).sum() / (1 - y).sum()
    al = [F.interpolate(z, size=al[0].shape[2:]).flatten(1) for z in al]
    return 0.5 * dice + 0.5 * bce + sum((0.5 * (1 - F.cosine_similarity(al[3], al[i]).mean()) for i in range(3)))



def run(tag, batch, tf32, last=False, bf16=False, width=64, compiled=False):
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    torch.manual_seed(0)
    n = C2FVL(width).cuda().train()
    x = torch.rand(batch, 3, 224, 224, device='cuda')
    t = torch.randint(1, 4, (batch, 8), device='cuda').float()
    y = (torch.rand(batch, 1, 224, 224, device='cuda') > 0.8).float()
    if last:
        n = n.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    f = torch.compile(n) if compiled else n
    opt = torch.optim.Adam(n.parameters(), 0.001)
    ts = []
    for i in range(25):
        torch.cuda.synchronize()
        b = time.perf_counter()
        opt.zero_grad()
        with torch.autocast('cuda', torch.bfloat16, enabled=bf16):
            o, al = f(x, t)
        l = loss(o.float(), [z.float() for z in al], y)
        l.backward()
        opt.step()
        l.item()
        torch.cuda.synchronize()
        ts.append(time.perf_counter() - b)
    ts = sorted(ts[5:])
    m = ts[len(ts) // 2]
    print(f'torch {tag} width {width} batch {batch}: {m * 1000.0:.1f} ms a step, {batch / m:.0f} images/s (fastest {ts[0] * 1000.0:.1f}, slowest {ts[-1] * 1000.0:.1f}), peak {torch.cuda.max_memory_allocated() / 2 ** 30:.1f} GiB, {sum((p.numel() for p in n.parameters())):,} parameters', flush=True)


if __name__ == '__main__':
    print(torch.__version__, torch.backends.cudnn.version(), torch.cuda.get_device_name())
    for b in map(int, sys.argv[1:]):
        run('fp32', b, False)
        run('TF32', b, True)
        run('TF32 channels-last', b, True, True)
        run('bf16 autocast channels-last', b, True, True, True)
