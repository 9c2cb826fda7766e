using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// Reads what a provider counted from a body or an event of which the rest cannot be read: a reply that is of no use still costs what it was counted as, no more and no less. Nothing here throws; a count that cannot be read is none.
/// </summary>
internal static class UsageOnly
{
    /// <param name="count">Reads usage first: what it adds before it fails stays.</param>
    public static void Read(ReadOnlyMemory<byte> utf8, Action<JsonElement> count)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = ModelLimits.Depth });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                count(document.RootElement);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException)
        {
            // JsonException: it is no JSON. InvalidDataException: what was read is no count. InvalidOperationException: a text has half of a surrogate pair.
        }
    }

    /// <summary>What a whole reply was counted as, as a reply that failed.</summary>
    /// <returns>Null if it cannot be read, or if all of its counts are zero: a model that answered has read something.</returns>
    public static ModelReply? Of(IWireStream wire, ReadOnlyMemory<byte> body, ProviderFault fault)
    {
        var counted = new List<ModelEvent>();
        wire.Count(body, counted);
        var usage = counted.OfType<ModelEvent.Counted>().LastOrDefault()?.Usage;
        return usage is { InRange: true, Total: > 0 } ? new(null, null, [], usage, null, ServiceTier: counted.OfType<ModelEvent.Tiered>().LastOrDefault()?.ServiceTier, Fault: fault) : null;
    }
}
