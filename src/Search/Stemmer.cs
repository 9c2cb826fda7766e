namespace Agora.Search;

/// <summary>
/// Brings the common forms of an English word to one stem: plural (-s, -es, -ies), then one of -ing, -ed, -ion,
/// then a doubled consonant, final -e, -y and -at: translate, translates, translating, translation → transl. Stems are
/// keys, not words. It knows no exceptions: a rare false match costs rank, a missing one would hide a service.
/// </summary>
internal static class Stemmer
{
    private const int MinStem = 3;

    /// <summary>Stems in place and returns the new length. Words of up to three letters, or with anything but a–z, stay.</summary>
    public static int Stem(Span<char> word)
    {
        if (word.Length <= MinStem || word.ContainsAnyExceptInRange('a', 'z')) return word.Length;
        int length = Singular(word);
        int root = WithoutSuffix(word[..length]);
        if (root != length && IsDoubled(word[..root]))
        {
            root--;
        }

        root = Shortened(word[..root], "e", MinStem);
        if (root > MinStem && word[root - 1] == 'y')
        {
            word[root - 1] = 'i';
        }

        return Shortened(word[..root], "at", 5);
    }

    private static int Singular(Span<char> word)
    {
        if (word.EndsWith("ies") && word.Length > 4)
        {
            word[^3] = 'y';
            return word.Length - 2;
        }

        bool sibilant = word.EndsWith("sses") || word.EndsWith("xes") || word.EndsWith("ches") || word.EndsWith("shes");
        if (sibilant) return word.Length - 2;
        bool plural = word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i');
        return plural ? word.Length - 1 : word.Length;
    }

    private static int WithoutSuffix(ReadOnlySpan<char> word)
    {
        if (word.EndsWith("tion") || word.EndsWith("sion")) return Shortened(word, "ion", MinStem);
        int root = Shortened(word, "ing", MinStem);
        return root != word.Length ? root : Shortened(word, "ed", MinStem);
    }

    /// <summary>Without the suffix, if what is left is long enough and has a vowel: "string" is no form of "str".</summary>
    private static int Shortened(ReadOnlySpan<char> word, string suffix, int atLeast)
    {
        int left = word.Length - suffix.Length;
        return left >= atLeast && word.EndsWith(suffix) && word[..left].ContainsAny("aeiouy") ? left : word.Length;
    }

    private static bool IsDoubled(ReadOnlySpan<char> word) =>
        word.Length > MinStem && word[^1] == word[^2] && !"aeiouls".Contains(word[^1]);
}
