using System.Text;

namespace Agora.Models.Wires;

/// <summary>Takes out of a provider's words what belongs to the operator's account there (keys, organisations, projects), and cuts them at <see cref="ModelLimits.ErrorLength"/>.</summary>
internal static class ChatSecrets
{
    private static readonly string[] Beginnings = ["sk-", "sk_", "org-", "proj_", "gsk_", "xai-", "Bearer "];

    public static string Hide(string words) => Excerpt.Of(Replaced(words), ModelLimits.ErrorLength);

    private static string Replaced(string words)
    {
        if (!Beginnings.Any(beginning => words.Contains(beginning, StringComparison.Ordinal))) return words;

        var text = new StringBuilder(words.Length);
        for (var i = 0; i < words.Length;)
        {
            var beginning = i > 0 && IsOfSecret(words[i - 1]) ? null : Beginnings.FirstOrDefault(known => words.AsSpan(i).StartsWith(known, StringComparison.Ordinal));
            if (beginning is null)
            {
                text.Append(words[i++]);
                continue;
            }

            text.Append(beginning).Append('…');
            i += beginning.Length;
            while (i < words.Length && IsOfSecret(words[i]))
            {
                i++;
            }
        }

        return text.ToString();
    }

    private static bool IsOfSecret(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '*' or '.' or '+' or '/' or '=';
}
