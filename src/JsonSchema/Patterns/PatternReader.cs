using System.Globalization;
using System.Text;

namespace Agora.JsonSchema.Patterns;

/// <summary>A cursor over the text of a pattern, with the tokens of ECMA-262's `u` mode.</summary>
internal sealed class PatternReader(string pattern)
{
    private int _at;

    public bool AtEnd => _at >= pattern.Length;

    /// <summary>The character to come; NUL at the end, which is no token of the grammar.</summary>
    public char Current => AtEnd ? '\0' : pattern[_at];

    public string Position => string.Create(CultureInfo.InvariantCulture, $"character {_at + 1}");

    /// <summary>What was taken last.</summary>
    public string Last { get; private set; } = "";

    public bool AtQuantifier => FindRepeat(out _, out _, out _);

    public bool Take(string token)
    {
        if (string.CompareOrdinal(pattern, _at, token, 0, token.Length) != 0)
            return false;
        _at += token.Length;
        Last = token;
        return true;
    }

    public string Until(char end)
    {
        int close = pattern.IndexOf(end, _at);
        if (close <= _at)
            throw new PatternException($"at {Position} a name and `{end}` are missing");
        string text = pattern[_at..close];
        _at = close + 1;
        return text;
    }

    public (int Min, int Max) Repeat()
    {
        FindRepeat(out int min, out int max, out int end);
        _at = end;
        return (min, max);
    }

    /// <summary>The number of `\1` and the like; null where there is none.</summary>
    public int? BackreferenceNumber()
    {
        if (_at + 1 >= pattern.Length || pattern[_at] != '\\' || pattern[_at + 1] is < '1' or > '9')
            return null;
        _at++;
        return Number(ref _at);
    }

    /// <summary>One literal code point, escaped or not.</summary>
    public int Character()
    {
        if (AtEnd)
            throw new PatternException("it ends too early");
        int c = Take(@"\") ? Escaped() : CodePoint();
        return c is >= 0xD800 and <= 0xDFFF ? throw new PatternException("half a surrogate pair matches nothing in well-formed text", unsupported: true) : c;
    }

    private int Escaped()
    {
        if (AtEnd)
            throw new PatternException("it ends in a lone `\\`");
        char kind = pattern[_at++];
        return kind switch
        {
            't' => '\t',
            'n' => '\n',
            'v' => '\v',
            'f' => '\f',
            'r' => '\r',
            '0' when AtEnd || !char.IsAsciiDigit(Current) => 0,
            'c' when !AtEnd && char.IsAsciiLetter(Current) => pattern[_at++] % 32,
            'x' => Hex(2),
            'u' => UnicodeEscape(),
            _ when char.IsAscii(kind) && (char.IsPunctuation(kind) || char.IsSymbol(kind)) && kind != '_' => kind,
            _ => throw new PatternException($"`\\{kind}` is not an escape of ECMA-262"),
        };
    }

    private int UnicodeEscape()
    {
        if (Take("{"))
        {
            string digits = Until('}');
            return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int c) && c is >= 0 and <= CodePointSet.Max
                ? c
                : throw new PatternException($"`\\u{{{digits}}}` is not a character");
        }
        int high = Hex(4);
        int back = _at;
        if (char.IsHighSurrogate((char)high) && Take(@"\u"))
        {
            int low = AtEnd || Current == '{' ? 0 : Hex(4);
            if (char.IsLowSurrogate((char)low))
                return char.ConvertToUtf32((char)high, (char)low);
            _at = back;
        }
        return high;
    }

    private int Hex(int length)
    {
        if (_at + length > pattern.Length
            || !int.TryParse(pattern.AsSpan(_at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value))
            throw new PatternException($"at {Position} {length} hexadecimal digits are missing");
        _at += length;
        return value;
    }

    private int CodePoint()
    {
        if (Rune.TryGetRuneAt(pattern, _at, out var rune))
        {
            _at += rune.Utf16SequenceLength;
            return rune.Value;
        }
        return pattern[_at++];
    }

    private bool FindRepeat(out int min, out int max, out int end)
    {
        (min, max, end) = (0, int.MaxValue, _at + 1);
        if (AtEnd || Current != '{' || Number(ref end) is not { } from)
            return false;
        (min, max) = (from, from);
        if (end < pattern.Length && pattern[end] == ',')
        {
            end++;
            max = Number(ref end) ?? int.MaxValue;
        }
        return end < pattern.Length && pattern[end++] == '}';
    }

    private int? Number(ref int at)
    {
        int start = at;
        while (at < pattern.Length && char.IsAsciiDigit(pattern[at]))
            at++;
        if (at == start)
            return null;
        // Nine digits are far beyond every bound that is checked later.
        return at - start > 9 ? 999_999_999 : int.Parse(pattern.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
