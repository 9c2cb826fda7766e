namespace Agora.Models.Dialects;

/// <summary>
/// Seals in the places that Messages has for them: a thinking block's signature, a redacted block's data. Anthropic's own stand there as they are. Those of others are marked with their maker and the item's id
/// (openai:rs_1:…), which no signature of Anthropic's can look like, as that is base64; so a conversation keeps its reasoning whoever's it is. Google seals tool calls, for which Messages has no place: that seal goes in a redacted block right before the call.
/// </summary>
internal static class MessagesSeals
{
    public const string Own = "anthropic";

    /// <summary>Empty where there is none.</summary>
    public static string Write(Seal? seal, string? id) => seal switch
    {
        null => "",
        { Maker: Own } => seal.Data,
        _ => $"{seal.Maker}:{id}:{seal.Data}",
    };

    public static (Seal? Seal, string? Id) Read(string text)
    {
        if (text.Length == 0) return (null, null);

        foreach (var maker in (ReadOnlySpan<string>)["openai", "google"])
        {
            if (!text.StartsWith(maker, StringComparison.Ordinal) || text.Length == maker.Length || text[maker.Length] != ':') continue;

            var start = maker.Length + 1;
            var end = text.IndexOf(':', start);
            if (end < 0 || end - start > ModelLimits.NameLength) continue;

            return (new(maker, text[(end + 1)..]), end > start ? text[start..end] : null);
        }

        return (new(Own, text), null);
    }
}
