using System.Net;
using System.Text;

namespace C2FVL.Workbook.Pages;

/// <summary>
/// Turns the TeX of a formula into MathML Core, which browsers show without a library and without a network. It knows
/// what the notebooks use; anything else is an error, so that no formula is shown wrong.
/// </summary>
internal sealed class TexMath
{
    private readonly List<string> tokens;
    private int at;

    private TexMath(string tex) => tokens = Tokens(tex);

    /// <summary>A math element.</summary>
    /// <param name="tex">The formula without its dollar signs.</param>
    /// <param name="display">Whether it stands on lines of its own.</param>
    /// <exception cref="FormatException">A command is not known, or braces do not match; the message names it.</exception>
    public static string ToMathMl(string tex, bool display)
    {
        var parser = new TexMath(tex);
        string row = parser.Row(_ => false);
        if (parser.at < parser.tokens.Count)
            throw new FormatException($"unexpected {parser.tokens[parser.at]}");
        return $"<math display=\"{(display ? "block" : "inline")}\"><semantics>{row}<annotation encoding=\"application/x-tex\">{WebUtility.HtmlEncode(tex.Trim())}</annotation></semantics></math>";
    }

    private static List<string> Tokens(string tex)
    {
        var tokens = new List<string>();
        for (int i = 0; i < tex.Length;)
        {
            int end = i + 1;
            if (tex[i] == '\\')
            {
                if (end == tex.Length)
                    throw new FormatException("a \\ at the end");
                if (char.IsAsciiLetter(tex[end]))
                {
                    while (end < tex.Length && char.IsAsciiLetter(tex[end]))
                        end++;
                }
                else
                {
                    end++;
                }
            }
            else if (char.IsAsciiDigit(tex[i]))
            {
                while (end < tex.Length && (char.IsAsciiDigit(tex[end]) || (tex[end] == '.' && end + 1 < tex.Length && char.IsAsciiDigit(tex[end + 1]))))
                    end++;
            }
            else if (tex[i] == '%')
            {
                // A comment, to the end of the line.
                end = tex.IndexOf('\n', i) is >= 0 and var line ? line : tex.Length;
                i = end;
                continue;
            }

            // Blanks stay tokens, because \text needs them; everything else skips them.
            tokens.Add(char.IsWhiteSpace(tex[i]) ? " " : tex[i..end]);
            i = end;
        }

        return tokens;
    }

    private string? Peek()
    {
        while (at < tokens.Count && tokens[at] == " ")
            at++;
        return at < tokens.Count ? tokens[at] : null;
    }

    private string Next() => Peek() is null ? throw new FormatException("it ends too early") : tokens[at++];

    private string Row(Func<string, bool> ends)
    {
        var items = new List<string>();
        while (Peek() is string token && !ends(token) && token is not ("}" or "&" or "\\\\" or "\\right" or "\\end" or "\\middle"))
        {
            if (token is "\\displaystyle" or "\\textstyle")
            {
                at++;
                items.Add($"<mstyle displaystyle=\"{(token == "\\displaystyle" ? "true" : "false")}\">{Row(ends)}</mstyle>");
                break;
            }

            items.Add(Scripted(items.Count == 0));
        }

        return items.Count == 1 ? items[0] : $"<mrow>{string.Concat(items)}</mrow>";
    }

    /// <summary>An atom with what stands at its foot and its head.</summary>
    private string Scripted(bool isFirst)
    {
        (string atom, bool limits) = Peek() is "^" or "_" ? ("<mi></mi>", false) : Atom(isFirst);
        string? sub = null, sup = null;
        while (Peek() is "^" or "_" or "'" or "\\limits" or "\\nolimits")
        {
            string token = Next();
            switch (token)
            {
                case "\\limits" or "\\nolimits":
                    limits = token == "\\limits";
                    break;
                case "'":
                    sup = "<mo>′</mo>" + sup;
                    break;
                case "_" when sub is null:
                    sub = Argument();
                    break;
                case "^" when sup is null || sup.StartsWith("<mo>′"):
                    sup += Argument();
                    break;
                default:
                    throw new FormatException($"two {token} at one atom");
            }
        }

        if (sup is not null && sup.StartsWith("<mo>′"))
            sup = $"<mrow>{sup}</mrow>";
        return (sub, sup, limits) switch
        {
            (null, null, _) => atom,
            (_, null, false) => $"<msub>{atom}{sub}</msub>",
            (null, _, false) => $"<msup>{atom}{sup}</msup>",
            (_, _, false) => $"<msubsup>{atom}{sub}{sup}</msubsup>",
            (_, null, true) => $"<munder>{atom}{sub}</munder>",
            (null, _, true) => $"<mover>{atom}{sup}</mover>",
            _ => $"<munderover>{atom}{sub}{sup}</munderover>",
        };
    }

    /// <summary>One element, and whether its scripts stand below and above it.</summary>
    private (string Atom, bool Limits) Atom(bool isFirst)
    {
        string token = Next();
        if (token == "{")
        {
            string group = Row(_ => false);
            Expect("}");
            return (group.StartsWith("<mrow>") ? group : $"<mrow>{group}</mrow>", false);
        }

        if (token[0] == '\\')
            return Command(token[1..], isFirst);
        if (char.IsAsciiDigit(token[0]))
            return ($"<mn>{token}</mn>", false);
        if (char.IsLetter(token[0]))
            return ($"<mi>{token}</mi>", false);
        if (token == "~")
            return (Space("0.25"), false);
        if (TexSymbols.Fences.TryGetValue(token, out string? fence))
            return (token == "/" ? "<mo>/</mo>" : $"<mo stretchy=\"false\">{fence}</mo>", false);
        return token switch
        {
            "-" => ("<mo>−</mo>", false),
            "*" => ("<mo>∗</mo>", false),
            "+" or "=" or "," or ";" or ":" or "!" or "." or "?" => ($"<mo>{token}</mo>", false),
            "<" => ("<mo>&lt;</mo>", false),
            ">" => ("<mo>&gt;</mo>", false),
            _ when token[0] > 127 => ($"<mo>{WebUtility.HtmlEncode(token)}</mo>", false),
            _ => throw new FormatException($"unexpected {token}"),
        };
    }

    private (string Atom, bool Limits) Command(string name, bool isFirst)
    {
        if (TexSymbols.Identifiers.TryGetValue(name, out string? sign))
            return ($"<mi>{sign}</mi>", false);
        if (TexSymbols.Upright.TryGetValue(name, out sign))
            return ($"<mi mathvariant=\"normal\">{sign}</mi>", false);
        if (TexSymbols.Operators.TryGetValue(name, out sign))
            return ($"<mo>{sign}</mo>", false);
        if (TexSymbols.Large.TryGetValue(name, out sign))
            return ($"<mo movablelimits=\"true\">{sign}</mo>", true);
        if (TexSymbols.Functions.TryGetValue(name, out bool limits))
            return (Function(name, isFirst, limits), limits);
        if (TexSymbols.Fences.TryGetValue("\\" + name, out sign))
            return ($"<mo stretchy=\"false\">{sign}</mo>", false);
        if (TexSymbols.Spaces.TryGetValue(name, out string? width))
            return (Space(width), false);
        if (TexSymbols.Sizes.TryGetValue(name, out string? size))
            return ($"<mo stretchy=\"true\" minsize=\"{size}em\" maxsize=\"{size}em\">{Fence()}</mo>", false);
        if (TexSymbols.Accents.TryGetValue(name, out (string Sign, bool Stretches, bool Below) accent))
        {
            string mark = $"<mo stretchy=\"{(accent.Stretches ? "true" : "false")}\">{accent.Sign}</mo>";
            string under = Argument();
            return (accent.Below ? $"<munder accentunder=\"true\">{under}{mark}</munder>" : $"<mover accent=\"true\">{under}{mark}</mover>", name is "overbrace" or "underbrace");
        }

        return name switch
        {
            "int" => ("<mo>∫</mo>", false),
            "frac" or "tfrac" => ($"<mfrac>{Argument()}{Argument()}</mfrac>", false),
            "dfrac" => ($"<mstyle displaystyle=\"true\"><mfrac>{Argument()}{Argument()}</mfrac></mstyle>", false),
            "binom" => ($"<mrow><mo>(</mo><mfrac linethickness=\"0\">{Argument()}{Argument()}</mfrac><mo>)</mo></mrow>", false),
            "sqrt" => (Root(), false),
            "text" or "textrm" or "textbf" or "textit" or "mbox" => ($"<mtext{TextStyle(name)}>{Text(keepBlanks: true)}</mtext>", false),
            "mathrm" or "mathsf" or "mathtt" => ($"<mi mathvariant=\"normal\">{Text(keepBlanks: false)}</mi>", false),
            "operatorname" => Operator(isFirst),
            "mathbf" or "boldsymbol" or "bm" => ($"<mrow style=\"font-weight:bold{(name == "mathbf" ? ";font-style:normal" : "")}\">{Bold(name)}</mrow>", false),
            "mathcal" or "mathbb" => (Capitals(name), false),
            "overset" or "stackrel" => (Stacked("mover"), false),
            "underset" => (Stacked("munder"), false),
            "left" => (Fenced(), false),
            "begin" => (Environment(), false),
            _ => throw new FormatException($"\\{name} is not known"),
        };
    }

    private string Function(string name, bool isFirst, bool limits)
    {
        string after = Peek() is "(" or "[" or "\\left" or "_" or "^" or "\\big" or "\\bigl" or null ? "0" : "0.167em";
        return $"<mo form=\"prefix\" stretchy=\"false\" lspace=\"{(isFirst ? "0" : "0.167em")}\" rspace=\"{after}\"{(limits ? " movablelimits=\"true\"" : "")}>{name}</mo>";
    }

    private (string, bool) Operator(bool isFirst)
    {
        bool limits = Peek() == "*";
        if (limits)
            at++;
        return (Function(Text(keepBlanks: false), isFirst, limits), limits);
    }

    private string Root()
    {
        if (Peek() != "[")
            return $"<msqrt>{Argument()}</msqrt>";
        at++;
        string degree = Row(token => token == "]");
        Expect("]");
        return $"<mroot>{Argument()}{degree}</mroot>";
    }

    private string Stacked(string element)
    {
        string script = Argument(), atom = Argument();
        return $"<{element}>{atom}{script}</{element}>";
    }

    private string Bold(string name)
    {
        string content = Argument();
        // Letters are upright under \mathbf and slanted under \boldsymbol.
        return name == "mathbf" ? content.Replace("<mi>", "<mi mathvariant=\"normal\">") : content;
    }

    private string Capitals(string command)
    {
        string letters = Text(keepBlanks: false);
        if (letters.Length == 0 || !letters.All(char.IsAsciiLetterUpper))
            throw new FormatException($"\\{command} takes capital letters");
        return $"<mi mathvariant=\"normal\">{string.Concat(letters.Select(letter => TexSymbols.Alphabet(command, letter)))}</mi>";
    }

    private string Fenced()
    {
        var html = new StringBuilder("<mrow>").Append(StretchyFence());
        html.Append(Row(_ => false));
        while (Peek() == "\\middle")
        {
            at++;
            html.Append(StretchyFence()).Append(Row(_ => false));
        }

        Expect("\\right");
        return html.Append(StretchyFence()).Append("</mrow>").ToString();
    }

    private string StretchyFence()
    {
        if (Peek() == ".")
        {
            at++;
            return "";
        }

        return $"<mo stretchy=\"true\">{Fence()}</mo>";
    }

    private string Fence()
    {
        string token = Next();
        return TexSymbols.Fences.TryGetValue(token, out string? sign) ? sign : throw new FormatException($"{token} is not a fence");
    }

    private string Environment()
    {
        string name = Text(keepBlanks: false);
        (string open, string close, Func<int, string> align) = name switch
        {
            "aligned" or "align" or "align*" or "split" => ("", "", column => column % 2 == 0 ? "right" : "left"),
            "gathered" or "matrix" => ("", "", _ => "center"),
            "cases" => ("{", "", _ => "left"),
            "pmatrix" => ("(", ")", _ => "center"),
            "bmatrix" => ("[", "]", _ => "center"),
            "vmatrix" => ("|", "|", (Func<int, string>)(_ => "center")),
            _ => throw new FormatException($"the environment {name} is not known"),
        };
        var table = new StringBuilder();
        bool displayed = name.StartsWith("align") || name is "split" or "gathered";
        while (Peek() is not (null or "\\end"))
        {
            table.Append("<mtr>");
            for (int column = 0; ; column++)
            {
                table.Append($"<mtd style=\"text-align:{align(column)}\">{Row(_ => false)}</mtd>");
                if (Peek() != "&")
                    break;
                at++;
            }

            table.Append("</mtr>");
            if (Peek() == "\\\\")
                at++;
        }

        Expect("\\end");
        if (Text(keepBlanks: false) != name)
            throw new FormatException($"\\begin{{{name}}} without its \\end");
        string matrix = $"<mtable{(displayed ? " displaystyle=\"true\"" : "")}>{table}</mtable>";
        return open.Length + close.Length == 0 ? matrix : $"<mrow>{Delimiter(open)}{matrix}{Delimiter(close)}</mrow>";

        static string Delimiter(string sign) => sign.Length == 0 ? "" : $"<mo stretchy=\"true\">{sign}</mo>";
    }

    /// <summary>A group or a single atom, as one element.</summary>
    private string Argument()
    {
        if (Peek() is "}" or "&" or "^" or "_" or null)
            throw new FormatException("an argument is missing");
        // TeX reads one digit where no braces stand.
        if (char.IsAsciiDigit(tokens[at][0]) && tokens[at].Length > 1)
        {
            string digit = tokens[at][..1];
            tokens[at] = tokens[at][1..];
            return $"<mn>{digit}</mn>";
        }

        return Atom(isFirst: true).Atom;
    }

    /// <summary>The plain text in braces.</summary>
    private string Text(bool keepBlanks)
    {
        Expect("{");
        var text = new StringBuilder();
        while (at < tokens.Count && tokens[at] != "}")
        {
            string token = tokens[at++];
            text.Append(token switch
            {
                " " => keepBlanks ? "\u00a0" : "",
                "\\," or "\\ " or "~" => "\u00a0",
                "\\%" or "\\_" or "\\&" or "\\#" or "\\$" => token[1..],
                ['\\', ..] or "{" => throw new FormatException($"{token} inside a text"),
                _ => token,
            });
        }

        Expect("}");
        return WebUtility.HtmlEncode(text.ToString());
    }

    private void Expect(string token)
    {
        if (Peek() != token)
            throw new FormatException($"{token} is missing" + (at < tokens.Count ? $" before {tokens[at]}" : ""));
        at++;
    }

    private static string Space(string em) => $"<mspace width=\"{em}em\"></mspace>";

    private static string TextStyle(string command) => command switch
    {
        "textbf" => " style=\"font-weight:bold\"",
        "textit" => " style=\"font-style:italic\"",
        _ => "",
    };
}
