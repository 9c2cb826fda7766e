using System.Buffers;
using System.Text.Json;
using Agora.Models.Dialects;
using Agora.Models.Json;

namespace Agora.Models.Wires;

/// <summary>Google's batchEmbedContents. Older models say no usage, and then what was held is posted.</summary>
internal sealed class GeminiEmbeddings : IEmbeddingsWire
{
    public string PathOf(string model) => GeminiWire.PathOf(model, "batchEmbedContents");

    public void Write(EmbeddingRequest request, string model, IBufferWriter<byte> into)
    {
        using var json = new Utf8JsonWriter(into, ChatJson.Writing);
        json.WriteStartObject();
        json.WriteStartArray("requests"u8);
        foreach (var input in request.Inputs)
        {
            if (input is not EmbeddingInput.Text text)
            {
                throw DialectException.Invalid("input", "This model's provider takes texts, and no numbers of tokens.");
            }

            json.WriteStartObject();
            json.WriteString("model"u8, $"models/{GeminiWire.NameOf(model)}");
            json.WriteStartObject("content"u8);
            json.WriteStartArray("parts"u8);
            json.WriteStartObject();
            json.WriteString("text"u8, text.Value);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            if (request.Dimensions is { } dimensions)
            {
                json.WriteNumber("outputDimensionality"u8, dimensions);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public ModelReply Read(EmbeddingRequest request, ReadOnlyMemory<byte> body)
    {
        using var document = ChatReading.Parse(body, ModelLimits.VectorReplyBytes);
        var root = document.RootElement;
        float[][] vectors = [.. VectorReading.Each(ChatReading.List(root, "embeddings"u8)).Select(one => VectorReading.Of(ChatReading.Member(one, "values"u8)))];
        if (vectors.Length != request.Inputs.Count) throw new InvalidDataException("The provider did not send a vector for each text.");

        return VectorReading.Reply(null, vectors, ChatUsage.Count(ChatReading.Object(root, "usageMetadata"u8), "promptTokenCount"u8));
    }

    public ModelReply? ReadCounted(ReadOnlyMemory<byte> body, ProviderFault fault) => VectorReading.Counted(body, "usageMetadata", "promptTokenCount", fault);
}
