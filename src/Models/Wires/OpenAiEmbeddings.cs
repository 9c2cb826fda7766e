using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Agora.Models.Json;

namespace Agora.Models.Wires;

/// <summary>Embeddings of OpenAI, and of the servers that speak like it.</summary>
/// <param name="wantsBase64">Half as long an answer, which some of those servers do not know. Either is read, whichever was asked for.</param>
internal sealed class OpenAiEmbeddings(bool wantsBase64) : IEmbeddingsWire
{
    public string PathOf(string model) => "embeddings";

    public void Write(EmbeddingRequest request, string model, IBufferWriter<byte> into)
    {
        using var json = new Utf8JsonWriter(into, ChatJson.Writing);
        json.WriteStartObject();
        json.WriteString("model"u8, model);
        json.WriteStartArray("input"u8);
        foreach (var input in request.Inputs)
        {
            Write(input, json);
        }

        json.WriteEndArray();
        if (request.Dimensions is { } dimensions)
        {
            json.WriteNumber("dimensions"u8, dimensions);
        }

        json.WriteString("encoding_format"u8, wantsBase64 ? "base64"u8 : "float"u8);
        json.WriteEndObject();
    }

    public ModelReply Read(EmbeddingRequest request, ReadOnlyMemory<byte> body)
    {
        using var document = ChatReading.Parse(body, ModelLimits.VectorReplyBytes);
        var root = document.RootElement;
        if (ChatErrors.IsError(root)) return new(null, null, [], null, null, Fault: ChatErrors.Read(null, root, null));

        var vectors = new float[request.Inputs.Count][];
        foreach (var one in VectorReading.Each(ChatReading.List(root, "data"u8)))
        {
            var index = ChatReading.Member(one, "index"u8);
            if (index.ValueKind != JsonValueKind.Number || !index.TryGetInt32(out var at) || at < 0 || at >= vectors.Length || vectors[at] is not null)
            {
                throw new InvalidDataException("The provider sent a vector of which it does not say which it is.");
            }

            vectors[at] = VectorReading.Of(ChatReading.Member(one, "embedding"u8));
        }

        return VectorReading.Reply(ChatReading.Name(root, "model"u8), vectors, ChatUsage.Count(ChatReading.Object(root, "usage"u8), "prompt_tokens"u8));
    }

    public ModelReply? ReadCounted(ReadOnlyMemory<byte> body, ProviderFault fault) => VectorReading.Counted(body, "usage", "prompt_tokens", fault);

    private static void Write(EmbeddingInput input, Utf8JsonWriter json)
    {
        switch (input)
        {
            case EmbeddingInput.Text text:
                json.WriteStringValue(text.Value);
                break;
            case EmbeddingInput.Tokens tokens:
                json.WriteStartArray();
                foreach (var id in tokens.Ids)
                {
                    json.WriteNumberValue(id);
                }

                json.WriteEndArray();
                break;
            default:
                throw new UnreachableException(input.GetType().Name);
        }
    }
}
