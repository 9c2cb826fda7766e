using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>
/// JSON Merge Patch (RFC 7396): objects are merged member by member, null removes, and anything else replaces. What is not named is copied as it was written, so that neither an
/// amount nor a schema's text is another one after it.
/// <para>Where the members of an object are known, a null is kept: to a reader it stands for an absent member, and one that nobody knows is refused by its name.</para>
/// </summary>
internal static class MergePatch
{
    public const string MediaType = "application/merge-patch+json";

    /// <param name="known">Of the target; null: its member names are data.</param>
    /// <returns>The merged document, which the caller disposes.</returns>
    public static JsonDocument Apply(JsonElement target, JsonElement patch, BodyShape? known)
    {
        var merged = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(merged, ApiJson.WriterOptions))
        {
            Merge(writer, target, patch, known);
        }

        return JsonDocument.Parse(merged.WrittenMemory, new() { MaxDepth = Limits.BodyDepth });
    }

    private static void Merge(Utf8JsonWriter writer, JsonElement? target, JsonElement patch, BodyShape? known)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            Copy(writer, patch);
            return;
        }

        var before = target is { ValueKind: JsonValueKind.Object } ? target : null;
        writer.WriteStartObject();
        foreach (var member in before?.EnumerateObject() ?? default)
        {
            if (patch.TryGetProperty(member.Name, out var change))
            {
                Change(writer, member.Name, member.Value, change, known);
            }
            else
            {
                writer.WritePropertyName(member.Name);
                Copy(writer, member.Value);
            }
        }

        foreach (var member in patch.EnumerateObject())
        {
            if (before is not { } there || !there.TryGetProperty(member.Name, out _))
            {
                Change(writer, member.Name, null, member.Value, known);
            }
        }

        writer.WriteEndObject();
    }

    private static void Change(Utf8JsonWriter writer, string name, JsonElement? value, JsonElement change, BodyShape? known)
    {
        if (change.ValueKind == JsonValueKind.Null && known is null) return;

        writer.WritePropertyName(name);
        Merge(writer, value, change, known?.Under(name));
    }

    /// <summary>As it was written.</summary>
    public static void Copy(Utf8JsonWriter writer, JsonElement value) => writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
}
