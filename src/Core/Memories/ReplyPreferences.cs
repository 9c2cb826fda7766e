namespace Agora.Core.Memories;

/// <summary>How a user wants replies to be, as it is sealed. Null: of that nothing is wished.</summary>
/// <param name="Address">How the user is spoken to.</param>
/// <param name="About">What the user says of itself, in its own words.</param>
public sealed record ReplyPreferences(string? Language = null, string? Tone = null, string? Length = null, string? Address = null, string? Format = null, string? About = null)
{
    public static readonly IReadOnlyList<string> Languages = ["en", "ja"];
    public static readonly IReadOnlyList<string> Tones = ["friendly", "neutral", "professional"];
    public static readonly IReadOnlyList<string> Lengths = ["short", "medium", "long"];
    public static readonly IReadOnlyList<string> Addresses = ["casual", "polite", "honorific"];
    public static readonly IReadOnlyList<string> Formats = ["plain", "markdown"];
}

/// <summary>Preferences as their stream's state knows them: without what they say.</summary>
/// <param name="Version">Each that was put and each erasure is the next, from 1 on.</param>
public sealed record PreferencesState(int Version, bool AreThere);
