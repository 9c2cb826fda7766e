namespace Agora.JsonSchema.Patterns;

/// <summary>Sets within a pattern: `[…]`, and the escapes that stand for many characters.</summary>
internal static class PatternClass
{
    /// <summary>Reads a class whose `[` is taken already.</summary>
    public static CodePointSet Read(PatternReader reader)
    {
        bool negated = reader.Take("^");
        var sets = new List<CodePointSet>();
        while (!reader.Take("]"))
        {
            if (reader.AtEnd)
                throw new PatternException("a `[` is not closed");
            sets.Add(Escape(reader) ?? Range(reader));
        }
        var union = CodePointSet.Union(sets);
        return negated ? union.Complement() : union;
    }

    /// <summary>Takes `\d`, `\p{…}` and the like; null where there is none.</summary>
    public static CodePointSet? Escape(PatternReader reader)
    {
        if (reader.Take(@"\d"))
            return UnicodeClasses.Digit;
        if (reader.Take(@"\D"))
            return UnicodeClasses.Digit.Complement();
        if (reader.Take(@"\w"))
            return UnicodeClasses.Word;
        if (reader.Take(@"\W"))
            return UnicodeClasses.Word.Complement();
        if (reader.Take(@"\s"))
            return UnicodeClasses.Space;
        if (reader.Take(@"\S"))
            return UnicodeClasses.Space.Complement();
        if (reader.Take(@"\p{"))
            return Property(reader.Until('}'));
        return reader.Take(@"\P{") ? Property(reader.Until('}')).Complement() : null;
    }

    private static CodePointSet Property(string name) => UnicodeClasses.Find(name)
        ?? throw new PatternException($"the Unicode property {name} is not known here; general categories such as Letter or Lu are", unsupported: true);

    private static CodePointSet Range(PatternReader reader)
    {
        int from = ClassCharacter(reader);
        // A dash at the end of a class stands for itself: `[a-]`.
        if (!reader.Take("-"))
            return CodePointSet.Of((from, from));
        if (!reader.AtEnd && reader.Current == ']')
            return CodePointSet.Of((from, from), ('-', '-'));
        if (Escape(reader) is not null)
            throw new PatternException("a range in `[…]` ends in a class");
        int to = ClassCharacter(reader);
        return from <= to ? CodePointSet.Of((from, to)) : throw new PatternException("a range in `[…]` is in the wrong order");
    }

    // Within a class `\b` is a backspace.
    private static int ClassCharacter(PatternReader reader) => reader.Take(@"\b") ? '\b' : reader.Character();
}
