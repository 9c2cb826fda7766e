using System.Buffers;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>Anthropic's count of what a message would read. It knows no member that only says how an answer is written.</summary>
internal sealed class MessagesCounting : ICountingWire
{
    public string PathOf(string model) => "messages/count_tokens";

    public void Write(ModelRequest request, string model, IBufferWriter<byte> into)
    {
        MessagesRefusals.Check(request, ModelLimits.OutputTokens);
        using var json = new Utf8JsonWriter(into, MessagesWireJson.Options);
        MessagesRequestWriter.WriteCounted(json, request, model);
    }

    public long Read(ReadOnlyMemory<byte> body) => CountReading.Read(body, "input_tokens"u8);
}

/// <summary>Google's countTokens, of the whole request that would be made.</summary>
internal sealed class GeminiCounting : ICountingWire
{
    public string PathOf(string model) => GeminiWire.PathOf(model, "countTokens");

    public void Write(ModelRequest request, string model, IBufferWriter<byte> into)
    {
        GeminiRefusals.Check(request);
        using var json = new Utf8JsonWriter(into, MessagesWireJson.Options);
        json.WriteStartObject();
        json.WritePropertyName("generateContentRequest"u8);
        GeminiRequestWriter.Write(json, request, model, maxOutputTokens: null);
        json.WriteEndObject();
    }

    public long Read(ReadOnlyMemory<byte> body) => CountReading.Read(body, "totalTokens"u8);
}

/// <summary>OpenAI's count of what a response would read.</summary>
internal sealed class ResponsesCounting : ICountingWire
{
    public string PathOf(string model) => "responses/input_tokens";

    public void Write(ModelRequest request, string model, IBufferWriter<byte> into) => ResponsesWireRequest.WriteCounted(request, model, into);

    public long Read(ReadOnlyMemory<byte> body) => CountReading.Read(body, "input_tokens"u8);
}

internal static class CountReading
{
    public static long Read(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> member)
    {
        using var document = ChatReading.Parse(body);
        return ChatUsage.Count(document.RootElement, member) ?? throw new InvalidDataException("The provider sent no count.");
    }
}
