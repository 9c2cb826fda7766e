using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Agora.JsonSchema.Compiling;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema;

/// <summary>Schemas as documents, before they are compiled.</summary>
public static class SchemaDocument
{
    /// <summary>
    /// The schema in a form that can stand anywhere inside another: with an `$id` of its own, so that its `$ref`s keep
    /// meaning what they meant. An absolute `$id` stays; a relative one is resolved against <paramref name="id"/>, as
    /// are then the references that were relative to it. `true` becomes an empty object, `false` one that forbids all.
    /// </summary>
    /// <param name="schema">An object or a boolean that compiles.</param>
    /// <param name="id">An absolute URI without fragment, different for every schema inlined into one document.</param>
    public static JsonElement WithId(JsonElement schema, string id)
    {
        if (!SchemaUri.IsAbsolute(id) || id.Contains('#', StringComparison.Ordinal))
            throw new ArgumentException("An id is an absolute URI without fragment.", nameof(id));
        if (JsonText.Member(schema, "$id") is { } own)
            id = SchemaUri.Split(SchemaUri.Resolve(id, JsonText.Decode(own))).Uri;

        // Raw bytes are copied: a Utf8JsonWriter would refuse a lone surrogate, which is data here.
        var json = new ArrayBufferWriter<byte>();
        json.Write("{\"$id\":"u8);
        json.Write("\""u8);
        json.Write(JsonEncodedText.Encode(id).EncodedUtf8Bytes);
        json.Write("\""u8);
        if (schema.ValueKind == JsonValueKind.False)
            json.Write(",\"not\":{}"u8);
        else if (schema.ValueKind == JsonValueKind.Object)
            WriteOthers(schema, json);
        json.Write("}"u8);
        return JsonElement.Parse(json.WrittenSpan);
    }

    private static void WriteOthers(JsonElement schema, ArrayBufferWriter<byte> json)
    {
        foreach (var member in schema.EnumerateObject())
        {
            if (JsonText.Name(member) == "$id")
                continue;
            json.Write(",\""u8);
            json.Write(JsonText.RawName(member));
            json.Write("\":"u8);
            json.Write(JsonMarshal.GetRawUtf8Value(member.Value));
        }
    }
}
