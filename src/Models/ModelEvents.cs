using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.Models;

/// <summary>Events as they are kept: JSON under names that never change.</summary>
public static class ModelEvents
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        IgnoreReadOnlyProperties = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Write(IReadOnlyList<ModelEvent> events) => JsonSerializer.SerializeToUtf8Bytes(events, Options);

    /// <exception cref="InvalidDataException">They are none.</exception>
    public static IReadOnlyList<ModelEvent> Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<List<ModelEvent>>(json, Options) ?? throw new InvalidDataException("No events.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}
