namespace Agora.Models;

/// <summary>A text that is to be read aloud.</summary>
public sealed record SpeechRequest(string Model, string Input, string Voice) : ModelRequest(Model, [])
{
    public override ModelKind Kind => ModelKind.Speech;

    /// <summary>How it is to be read; null: as the voice does.</summary>
    public string? Instructions { get; init; }

    /// <summary>One of <see cref="SpeechFormats"/>.</summary>
    public string SoundFormat { get; init; } = "mp3";

    /// <summary>0.25 to 4; null: 1.</summary>
    public double? Speed { get; init; }

    /// <summary>What it costs goes by: all that is sent, as UTF-16 counts, which is never less than a maker counts.</summary>
    public int Characters => Input.Length + (Instructions?.Length ?? 0);
}

/// <summary>How sound is written, each with its media type (IANA, and as OpenAI names those that are not registered).</summary>
public static class SpeechFormats
{
    public static IReadOnlyList<string> Words { get; } = ["mp3", "opus", "aac", "flac", "wav", "pcm"];

    public static string MediaTypeOf(string format) => format == "mp3" ? "audio/mpeg" : $"audio/{format}";
}
