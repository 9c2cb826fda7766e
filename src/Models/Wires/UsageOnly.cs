using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// Reads the usage from a body or an event that cannot be read otherwise. Such a reply still costs exactly what its provider counted. Nothing here throws: a count that cannot be read counts as absent.
/// </summary>
internal static class UsageOnly
{
    /// <param name="count">Reads the usage first, because what it adds before it fails stays.</param>
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
            // JsonException: not JSON. InvalidDataException: not a count. InvalidOperationException: a string has half of a surrogate pair.
        }
    }

    /// <summary>The usage of a whole reply, as a reply that failed.</summary>
    /// <returns>Null if it cannot be read or all of its counts are zero: a model that answered has read something.</returns>
    public static ModelReply? Of(IWireStream wire, ReadOnlyMemory<byte> body, ProviderFault fault)
    {
        var counted = new List<ModelEvent>();
        wire.Count(body, counted);
        var usage = counted.OfType<ModelEvent.Counted>().LastOrDefault()?.Usage;
        return usage is { InRange: true, Total: > 0 } ? new(null, null, [], usage, null, ServiceTier: counted.OfType<ModelEvent.Tiered>().LastOrDefault()?.ServiceTier, Fault: fault) : null;
    }
}
