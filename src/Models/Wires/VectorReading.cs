using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>Reads vectors, as numbers or as base64 of 32 bits each, the lowest byte first.</summary>
internal static class VectorReading
{
    public static IEnumerable<JsonElement> Each(JsonElement list) => list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : throw new InvalidDataException("The provider sent no vectors.");

    public static float[] Of(JsonElement vector) => vector.ValueKind switch
    {
        JsonValueKind.Array when vector.GetArrayLength() > 0 => [.. vector.EnumerateArray().Select(Value)],
        JsonValueKind.String when vector.TryGetBytesFromBase64(out var bytes) && bytes.Length > 0 && bytes.Length % sizeof(float) == 0 => Of(bytes),
        _ => throw new InvalidDataException("The provider sent a vector that is none."),
    };

    /// <param name="tokens">As the provider counted them; null: it did not. None counted of texts that there are is no count either.</param>
    public static EmbeddingReply Reply(string? model, float[]?[] vectors, long? tokens)
    {
        if (vectors.Contains(null)) throw new InvalidDataException("The provider did not send a vector for each text.");

        return new(model, vectors!, tokens > 0 ? new Usage(Input: tokens.Value) : null);
    }

    /// <summary>As <see cref="IWire.ReadCounted"/>.</summary>
    public static ModelReply? Counted(ReadOnlyMemory<byte> body, string usage, string member, ProviderFault fault)
    {
        long? tokens = null;
        UsageOnly.Read(body, root => tokens = ChatUsage.Count(ChatReading.Object(root, Encoding.UTF8.GetBytes(usage)), Encoding.UTF8.GetBytes(member)));
        return tokens > 0 ? new(null, null, [], new(Input: tokens.Value), null, Fault: fault) : null;
    }

    private static float Value(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) ? Finite(number) : throw new InvalidDataException("The provider sent a value of a vector that is no number.");

    private static float Finite(float number) => float.IsFinite(number) ? number : throw new InvalidDataException("The provider sent a value of a vector that is no finite number.");

    private static float[] Of(byte[] bytes)
    {
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = Finite(BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float))));
        }

        return vector;
    }
}
