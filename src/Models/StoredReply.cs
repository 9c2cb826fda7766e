using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.Models;

/// <summary>
/// A whole reply as it is kept for equal requests, JSON that never changes: events of what is written; vectors each as base64 of its values, 32 bits each, the lowest byte first, which is half of what they are as numbers. Which of the
/// two it is follows from what was asked.
/// </summary>
public static class StoredReply
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, IgnoreReadOnlyProperties = true };

    /// <param name="most">In bytes.</param>
    /// <returns>Null: it is longer.</returns>
    public static byte[]? Write(ModelReply reply, int most)
    {
        if (reply is EmbeddingReply { Vectors: var all } && all.Sum(static vector => (long)vector.Length * sizeof(float)) > most) return null; // all of them may be 32 MiB: that is not written first

        var bytes = reply is EmbeddingReply made ? JsonSerializer.SerializeToUtf8Bytes(new Made(made.Model, made.Usage, [.. made.Vectors.Select(Bytes)]), Options) : ModelEvents.Write(ReplyEvents.Of(reply));
        return bytes.Length <= most ? bytes : null;
    }

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ModelReply Read(ModelKind kind, ReadOnlySpan<byte> kept) => kind == ModelKind.Embeddings ? Vectors(kept) : ReplyBuilder.Of(ModelEvents.Read(kept));

    private static EmbeddingReply Vectors(ReadOnlySpan<byte> kept)
    {
        try
        {
            return JsonSerializer.Deserialize<Made>(kept, Options) is { Vectors: { } vectors } made ? new(made.Model, [.. vectors.Select(Values)], made.Usage) : throw new InvalidDataException("No vectors.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static byte[] Bytes(float[] vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        return bytes;
    }

    private static float[] Values(byte[] bytes)
    {
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        return vector;
    }

    private sealed record Made(string? Model, Usage? Usage, IReadOnlyList<byte[]> Vectors);
}
