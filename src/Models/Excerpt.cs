namespace Agora.Models;

/// <summary>The beginning of a text.</summary>
public static class Excerpt
{
    /// <summary>Never between the halves of a surrogate pair: no text could hold one.</summary>
    /// <param name="most">UTF-16 code units, at least 1.</param>
    public static string Of(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <summary>The same, where whoever reads it is to know that it goes on: its last character is then an ellipsis.</summary>
    /// <param name="most">As of <see cref="Of"/>, at least 2.</param>
    public static string Marked(string text, int most) => text.Length <= most ? text : $"{Of(text, most - 1)}…";
}
