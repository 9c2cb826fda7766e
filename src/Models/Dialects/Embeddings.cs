using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using Agora.Models.Json;

namespace Agora.Models.Dialects;

/// <summary>OpenAI's embeddings (POST /v1/embeddings). Errors are those of its Chat Completions.</summary>
public sealed class Embeddings : IDialect
{
    private static readonly ChatCompletions Chat = new();

    public ModelRequest Read(ReadOnlyMemory<byte> body) => ChatCompletions.Read(body, EmbeddingsReader.Read);

    public void Write(ModelRequest request, ReplyHead head, ModelReply reply, IBufferWriter<byte> into)
    {
        var (asked, vectors) = ((EmbeddingRequest)request, ((EmbeddingReply)reply).Vectors);
        using var json = new Utf8JsonWriter(into, ChatJson.Writing);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var index = 0; index < vectors.Count; index++)
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "embedding"u8);
            json.WriteNumber("index"u8, index);
            json.WritePropertyName("embedding"u8);
            Write(vectors[index], asked.AsBase64, json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model"u8, head.Model);
        if (reply.Usage is { } usage)
        {
            json.WriteStartObject("usage"u8);
            json.WriteNumber("prompt_tokens"u8, usage.AllInput);
            json.WriteNumber("total_tokens"u8, usage.Total);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    public IReplyStream Stream(ModelRequest request, ReplyHead head) => throw new UnreachableException("Vectors come whole.");

    public void WriteError(DialectFault fault, IBufferWriter<byte> into) => Chat.WriteError(fault, into);

    public int StatusOf(DialectErrorKind kind) => Chat.StatusOf(kind);

    private static void Write(float[] vector, bool asBase64, Utf8JsonWriter json)
    {
        if (asBase64)
        {
            var bytes = new byte[vector.Length * sizeof(float)];
            for (var i = 0; i < vector.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
            }

            json.WriteBase64StringValue(bytes);
            return;
        }

        json.WriteStartArray();
        foreach (var value in vector)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
