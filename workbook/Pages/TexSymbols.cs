namespace C2FVL.Workbook.Pages;

/// <summary>The TeX commands that stand for one sign, by what MathML calls it.</summary>
internal static class TexSymbols
{
    /// <summary>Signs that are set like letters.</summary>
    public static readonly IReadOnlyDictionary<string, string> Identifiers = new Dictionary<string, string>
    {
        ["alpha"] = "α", ["beta"] = "β", ["gamma"] = "γ", ["delta"] = "δ", ["epsilon"] = "ϵ", ["varepsilon"] = "ε", ["zeta"] = "ζ",
        ["eta"] = "η", ["theta"] = "θ", ["vartheta"] = "ϑ", ["iota"] = "ι", ["kappa"] = "κ", ["lambda"] = "λ", ["mu"] = "μ",
        ["nu"] = "ν", ["xi"] = "ξ", ["pi"] = "π", ["rho"] = "ρ", ["sigma"] = "σ", ["tau"] = "τ", ["upsilon"] = "υ",
        ["phi"] = "ϕ", ["varphi"] = "φ", ["chi"] = "χ", ["psi"] = "ψ", ["omega"] = "ω", ["ell"] = "ℓ",
    };

    /// <summary>Signs that are set like letters, but upright.</summary>
    public static readonly IReadOnlyDictionary<string, string> Upright = new Dictionary<string, string>
    {
        ["Gamma"] = "Γ", ["Delta"] = "Δ", ["Theta"] = "Θ", ["Lambda"] = "Λ", ["Xi"] = "Ξ", ["Pi"] = "Π", ["Sigma"] = "Σ",
        ["Upsilon"] = "Υ", ["Phi"] = "Φ", ["Psi"] = "Ψ", ["Omega"] = "Ω", ["infty"] = "∞", ["partial"] = "∂", ["nabla"] = "∇",
        ["emptyset"] = "∅", ["varnothing"] = "∅", ["top"] = "⊤", ["bot"] = "⊥", ["dots"] = "…", ["ldots"] = "…", ["cdots"] = "⋯",
        ["vdots"] = "⋮", ["ddots"] = "⋱", ["prime"] = "′", ["%"] = "%", ["#"] = "#", ["$"] = "$", ["&"] = "&amp;", ["_"] = "_",
    };

    /// <summary>Operators and relations.</summary>
    public static readonly IReadOnlyDictionary<string, string> Operators = new Dictionary<string, string>
    {
        ["cdot"] = "⋅", ["times"] = "×", ["div"] = "÷", ["pm"] = "±", ["mp"] = "∓", ["ast"] = "∗", ["star"] = "⋆", ["circ"] = "∘",
        ["odot"] = "⊙", ["oplus"] = "⊕", ["otimes"] = "⊗", ["le"] = "≤", ["leq"] = "≤", ["ge"] = "≥", ["geq"] = "≥", ["ne"] = "≠",
        ["neq"] = "≠", ["approx"] = "≈", ["sim"] = "∼", ["simeq"] = "≃", ["equiv"] = "≡", ["propto"] = "∝", ["ll"] = "≪", ["gg"] = "≫",
        ["in"] = "∈", ["notin"] = "∉", ["ni"] = "∋", ["subset"] = "⊂", ["subseteq"] = "⊆", ["supset"] = "⊃", ["cup"] = "∪", ["cap"] = "∩",
        ["setminus"] = "∖", ["to"] = "→", ["rightarrow"] = "→", ["leftarrow"] = "←", ["leftrightarrow"] = "↔", ["mapsto"] = "↦",
        ["Rightarrow"] = "⇒", ["Leftarrow"] = "⇐", ["iff"] = "⟺", ["implies"] = "⟹", ["forall"] = "∀", ["exists"] = "∃", ["neg"] = "¬",
        ["land"] = "∧", ["wedge"] = "∧", ["lor"] = "∨", ["vee"] = "∨", ["mid"] = "∣", ["parallel"] = "∥", ["perp"] = "⟂", ["colon"] = ":",
    };

    /// <summary>Operators with limits below and above in a formula of its own.</summary>
    public static readonly IReadOnlyDictionary<string, string> Large = new Dictionary<string, string>
    {
        ["sum"] = "∑", ["prod"] = "∏", ["bigcup"] = "⋃", ["bigcap"] = "⋂", ["bigoplus"] = "⨁",
    };

    /// <summary>Named functions; the value says whether limits stand below.</summary>
    public static readonly IReadOnlyDictionary<string, bool> Functions = new Dictionary<string, bool>
    {
        ["log"] = false, ["ln"] = false, ["exp"] = false, ["sin"] = false, ["cos"] = false, ["tan"] = false, ["tanh"] = false,
        ["arg"] = false, ["dim"] = false, ["max"] = true, ["min"] = true, ["sup"] = true, ["inf"] = true, ["lim"] = true, ["det"] = true, ["Pr"] = true,
    };

    /// <summary>What may follow <c>\left</c>, <c>\right</c>, <c>\big</c> and the like, and fences on their own.</summary>
    public static readonly IReadOnlyDictionary<string, string> Fences = new Dictionary<string, string>
    {
        ["("] = "(", [")"] = ")", ["["] = "[", ["]"] = "]", ["|"] = "|", ["/"] = "/", ["\\{"] = "{", ["\\}"] = "}", ["\\|"] = "‖",
        ["\\lbrace"] = "{", ["\\rbrace"] = "}", ["\\lvert"] = "|", ["\\rvert"] = "|", ["\\vert"] = "|", ["\\lVert"] = "‖", ["\\rVert"] = "‖", ["\\Vert"] = "‖",
        ["\\lfloor"] = "⌊", ["\\rfloor"] = "⌋", ["\\lceil"] = "⌈", ["\\rceil"] = "⌉", ["\\langle"] = "⟨", ["\\rangle"] = "⟩",
    };

    /// <summary>Marks over (or under) their argument: the sign, whether it stretches, whether it stands below.</summary>
    public static readonly IReadOnlyDictionary<string, (string Sign, bool Stretches, bool Below)> Accents = new Dictionary<string, (string, bool, bool)>
    {
        ["hat"] = ("^", false, false), ["widehat"] = ("^", true, false), ["tilde"] = ("~", false, false), ["widetilde"] = ("~", true, false),
        ["bar"] = ("¯", false, false), ["overline"] = ("¯", true, false), ["vec"] = ("→", false, false), ["dot"] = ("˙", false, false),
        ["ddot"] = ("¨", false, false), ["underline"] = ("_", true, true), ["overbrace"] = ("⏞", true, false), ["underbrace"] = ("⏟", true, true),
    };

    /// <summary>Spaces, in em.</summary>
    public static readonly IReadOnlyDictionary<string, string> Spaces = new Dictionary<string, string>
    {
        [","] = "0.167", [":"] = "0.222", [">"] = "0.222", [";"] = "0.278", ["!"] = "-0.167", [" "] = "0.25", ["quad"] = "1", ["qquad"] = "2",
    };

    /// <summary>Sizes, in em, of fences of a fixed size.</summary>
    public static readonly IReadOnlyDictionary<string, string> Sizes = new Dictionary<string, string>
    {
        ["big"] = "1.2", ["bigl"] = "1.2", ["bigr"] = "1.2", ["Big"] = "1.8", ["Bigl"] = "1.8", ["Bigr"] = "1.8",
        ["bigg"] = "2.4", ["biggl"] = "2.4", ["biggr"] = "2.4", ["Bigg"] = "3", ["Biggl"] = "3", ["Biggr"] = "3",
    };

    /// <summary>Script and double-struck capitals: the block's first sign, and the letters that stand elsewhere.</summary>
    public static string Alphabet(string command, char letter)
    {
        (int start, string elsewhere) = command == "mathbb"
            ? (0x1D538, "CℂHℍNℕPℙQℚRℝZℤ")
            : (0x1D49C, "BℬEℰFℱHℋIℐLℒMℳRℛ");
        int at = elsewhere.IndexOf(letter);
        return at >= 0 && at % 2 == 0 ? elsewhere[at + 1].ToString() : char.ConvertFromUtf32(start + letter - 'A');
    }
}
