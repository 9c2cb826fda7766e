namespace Agora.Models;

/// <summary>The beginning of a text.</summary>
public static class Excerpt
{
    /// <summary>Never between the halves of a surrogate pair: no text could hold one.</summary>
    /// <param name="most">UTF-16 code units, at least 1.</param>
    public static string Of(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
}
