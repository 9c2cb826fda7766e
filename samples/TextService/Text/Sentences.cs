using System.Collections.Frozen;

namespace Agora.Samples.TextService.Text;

/// <summary>
/// Splits text into sentences. Japanese ones end at 。！？ outside of brackets; English ones at . ! ? before white space, unless
/// the full stop belongs to an abbreviation or an initial. A blank line ends either.
/// </summary>
internal static class Sentences
{
    private const string Openers = "「『（【";
    private const string Closers = "」』）】";

    private static readonly FrozenSet<string> Abbreviations = new[]
    {
        "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "etc", "e.g", "i.e", "cf", "fig", "no", "inc", "ltd", "co", "corp", "approx", "dept", "est",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static List<string> Split(string text)
    {
        var sentences = new List<string>();
        int start = 0, depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth = DepthAfter(text[i], depth);
            var isBlankLine = text[i] == '\n' && i + 1 < text.Length && text[i + 1] is '\n' or '\r';
            if (!isBlankLine && !(depth == 0 && EndsSentence(text, i)))
                continue;
            if (isBlankLine)
                depth = 0; // a bracket left open must not swallow the rest of the text
            while (i + 1 < text.Length && IsClosing(text[i + 1]))
                i++;
            Add(sentences, text[start..(i + 1)]);
            start = i + 1;
        }
        Add(sentences, text[start..]);
        return sentences;
    }

    private static int DepthAfter(char c, int depth) =>
        Openers.Contains(c) ? depth + 1
        : Closers.Contains(c) && depth > 0 ? depth - 1
        : depth;

    private static bool EndsSentence(string text, int i)
    {
        if (text[i] is '。' or '！' or '？')
            return true;
        if (!IsTerminator(text[i]) || !IsFollowedBySpace(text, i + 1))
            return false;
        return text[i] != '.' || !EndsAbbreviation(text, i) && !GoesOnInLowerCase(text, i + 1);
    }

    private static bool IsTerminator(char c) => c is '.' or '!' or '?' or '。' or '！' or '？';

    /// <summary>What may still belong to a sentence that has ended. Round brackets close here but open nothing: :( would swallow a text.</summary>
    private static bool IsClosing(char c) => IsTerminator(c) || c is '"' or '”' or '’' or '\'' or ')';

    private static bool IsFollowedBySpace(string text, int next)
    {
        while (next < text.Length && IsClosing(text[next]))
            next++;
        return next >= text.Length || char.IsWhiteSpace(text[next]);
    }

    /// <summary>As after "p.m." or an ellipsis; this catches the abbreviations that no list has.</summary>
    private static bool GoesOnInLowerCase(string text, int next)
    {
        while (next < text.Length && (char.IsWhiteSpace(text[next]) || text[next] == '.'))
            next++;
        return next < text.Length && char.IsLower(text[next]);
    }

    private static bool EndsAbbreviation(string text, int stop)
    {
        var start = stop;
        while (start > 0 && (char.IsLetter(text[start - 1]) || text[start - 1] == '.'))
            start--;
        var word = text[start..stop];
        return word.Length == 1 && char.IsUpper(word[0]) && word[0] != 'I' || Abbreviations.Contains(word);
    }

    private static void Add(List<string> sentences, string raw)
    {
        var sentence = string.Join(' ', raw.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (sentence.Any(char.IsLetterOrDigit))
            sentences.Add(sentence);
    }
}
