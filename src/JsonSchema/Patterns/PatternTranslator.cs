using System.Globalization;
using System.Text;

namespace Agora.JsonSchema.Patterns;

/// <summary>
/// Reads a pattern of ECMA-262 with the `u` flag and writes what means the same to the .NET engine: groups lose their
/// names, classes become explicit sets (<see cref="CodePointSet"/>), `$` becomes `\z`. More lenient than the standard in
/// one thing: any ASCII punctuation may be escaped, and a brace or bracket that opens nothing stands for itself, as
/// patterns in the wild have it. Grammar: ECMA-262, section 22.2.1.
/// </summary>
internal sealed class PatternTranslator
{
    private const int MaxNesting = 64;
    private const int MaxRepeat = 65_535;
    private const string WordAhead = "(?=[0-9A-Z_a-z])", WordBehind = "(?<=[0-9A-Z_a-z])";
    private const string NoWordAhead = "(?![0-9A-Z_a-z])", NoWordBehind = "(?<![0-9A-Z_a-z])";

    private readonly PatternReader _reader;
    private readonly PatternGroups _groups;
    private readonly StringBuilder _text = new();
    private readonly List<(int At, CodePointSet Set)> _sets = [];
    private int _nesting;
    private int _opened;

    private PatternTranslator(string pattern)
    {
        _reader = new PatternReader(pattern);
        _groups = PatternGroups.Find(pattern);
    }

    /// <summary>True when the pattern has something that only a backtracking engine can do.</summary>
    public bool Backtracks { get; private set; }

    /// <summary>The pattern for the .NET engine.</summary>
    public string Text { get; private set; } = "";

    /// <summary>What text must be rewritten by; null where it is matched as it is, with lone surrogates made U+FFFD.</summary>
    public AstralClasses? Classes { get; private set; }

    /// <exception cref="PatternException">No pattern, or none that can be translated.</exception>
    public static PatternTranslator Translate(string pattern)
    {
        var translator = Read(pattern);
        translator.Finish();
        return translator;
    }

    /// <summary>Reads without translating: enough to know that it is a pattern.</summary>
    /// <exception cref="PatternException">No pattern, or one that is not supported.</exception>
    public static PatternTranslator Read(string pattern)
    {
        var translator = new PatternTranslator(pattern);
        translator.Disjunction();
        return translator._reader.AtEnd ? translator : throw new PatternException("there is a `)` without `(`");
    }

    // Only when all sets are known can characters be told apart by them. A reference back compares the characters
    // themselves, which classes do not keep.
    private void Finish()
    {
        var forms = new Dictionary<CodePointSet, string>();
        if (!_groups.Referred)
            Classes = AstralClasses.Of([.. _sets.Select(s => s.Set).Distinct()]);
        var finished = new StringBuilder();
        int written = 0;
        foreach (var (at, set) in _sets)
        {
            if (!forms.TryGetValue(set, out string? form))
                forms.Add(set, form = Classes is null ? set.TranslatePairs() : set.Translate(Classes));
            finished.Append(_text, written, at - written).Append(form);
            written = at;
            if (finished.Length > SchemaLimits.MaxTranslatedPatternLength)
                throw new PatternException("its Unicode classes are too large", unsupported: true);
        }
        Text = finished.Append(_text, written, _text.Length - written).ToString();
    }

    private void Disjunction()
    {
        if (++_nesting > MaxNesting)
            throw new PatternException($"groups are nested more than {MaxNesting} deep", unsupported: true);
        while (!_reader.AtEnd && _reader.Current != ')')
        {
            if (_reader.Take("|"))
                _text.Append('|');
            else
                Term();
        }
        _nesting--;
    }

    private void Term()
    {
        bool repeatable = true;
        if (_reader.Take("^"))
            repeatable = Append(@"\A");
        else if (_reader.Take("$"))
            repeatable = Append(@"\z");
        else if (_reader.Take(@"\b"))
            repeatable = Lookaround($"(?:{WordBehind}{NoWordAhead}|{NoWordBehind}{WordAhead})");
        else if (_reader.Take(@"\B"))
            repeatable = Lookaround($"(?:{WordBehind}{WordAhead}|{NoWordBehind}{NoWordAhead})");
        else if (_reader.Take("("))
            repeatable = Group();
        else if (_reader.Take("["))
            Set(PatternClass.Read(_reader));
        else if (_reader.Take("."))
            Set(UnicodeClasses.NotLineEnd);
        else if (_reader.Current is '*' or '+' or '?' || _reader.AtQuantifier)
            throw new PatternException($"at {_reader.Position} there is nothing to repeat");
        else
            Atom();
        Quantifier(repeatable);
    }

    /// <summary>Writes a part that has no width, and so cannot be repeated.</summary>
    private bool Append(string text)
    {
        _text.Append(text);
        return false;
    }

    private bool Lookaround(string opening)
    {
        Backtracks = true;
        return Append(opening);
    }

    private bool Group()
    {
        bool repeatable = true;
        if (_reader.Take("?:"))
            _text.Append("(?:");
        else if (_reader.Take("?=") || _reader.Take("?!") || _reader.Take("?<=") || _reader.Take("?<!"))
            repeatable = Lookaround($"({_reader.Last}");
        else if (_reader.Take("?<"))
        {
            _reader.Until('>');
            Capture();
        }
        else if (_reader.Current == '?')
            throw new PatternException("`(?` must be followed by one of : = ! <= <! <name>; inline flags and comments are not ECMA-262");
        else
            Capture();
        Disjunction();
        if (!_reader.Take(")"))
            throw new PatternException("a `(` is not closed");
        _text.Append(')');
        return repeatable;
    }

    // Capturing costs, and matters only to a pattern that refers back.
    private void Capture()
    {
        _opened++;
        _text.Append(_groups.Referred ? string.Create(CultureInfo.InvariantCulture, $"(?<{_opened}>") : "(?:");
    }

    private void Atom()
    {
        if (_reader.Take(@"\k<"))
            Backreference(_groups.Number(_reader.Until('>')));
        else if (_reader.BackreferenceNumber() is { } number)
            Backreference(number <= _groups.Count ? number : throw new PatternException($"group {number} does not exist"));
        else if (PatternClass.Escape(_reader) is { } set)
            Set(set);
        else
        {
            int c = _reader.Character();
            Set(CodePointSet.Of((c, c)));
        }
    }

    private void Set(CodePointSet set) => _sets.Add((_text.Length, set));

    // A group that has not taken part matches the empty string in ECMA-262, but fails in .NET.
    private void Backreference(int group)
    {
        Backtracks = true;
        _text.Append(CultureInfo.InvariantCulture, $"(?:(?({group})\\k<{group}>))");
    }

    private void Quantifier(bool repeatable)
    {
        if (_reader.AtEnd || (_reader.Current is not ('*' or '+' or '?') && !_reader.AtQuantifier))
            return;
        if (!repeatable)
            throw new PatternException($"at {_reader.Position} there is nothing to repeat");
        if (_reader.Take("*") || _reader.Take("+") || _reader.Take("?"))
            _text.Append(_reader.Last);
        else
        {
            var (min, max) = _reader.Repeat();
            if (min > max)
                throw new PatternException("the numbers of a repeat are in the wrong order");
            if (min > MaxRepeat || (max > MaxRepeat && max < int.MaxValue))
                throw new PatternException($"a repeat counts further than {MaxRepeat}", unsupported: true);
            _text.Append(CultureInfo.InvariantCulture, $"{{{min},{(max == int.MaxValue ? "" : max)}}}");
        }
        if (_reader.Take("?"))
            _text.Append('?');
    }
}
