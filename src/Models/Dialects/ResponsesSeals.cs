namespace Agora.Models.Dialects;

/// <summary>
/// Responses has one member for what only the provider can read (encrypted_content), and means OpenAI's. Another maker's is written there with its name in front, so that it comes back to whom it is from and OpenAI is
/// never sent it.
/// </summary>
internal static class ResponsesSeals
{
    private const string Prefix = "agora:";
    private const string Redacted = "redacted:";

    public static string Write(Seal seal, bool isRedacted = false) =>
        seal.Maker == "openai" ? seal.Data : $"{Prefix}{seal.Maker}:{(isRedacted ? Redacted : "")}{seal.Data}";

    public static (Seal Seal, bool IsRedacted) Read(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return (new("openai", text), false);
        var rest = text.AsSpan(Prefix.Length);
        var maker = rest.StartsWith("anthropic:") ? "anthropic" : rest.StartsWith("google:") ? "google" : null;
        if (maker is null) throw DialectException.Invalid("encrypted_content", "'encrypted_content' is of a maker that is not known.");
        rest = rest[(maker.Length + 1)..];
        var isRedacted = rest.StartsWith(Redacted);
        return (new(maker, (isRedacted ? rest[Redacted.Length..] : rest).ToString()), isRedacted);
    }
}
