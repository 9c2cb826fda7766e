using System.Buffers;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>Anthropic's Messages API, version 2023-06-01. The base URL ends in /v1.</summary>
public sealed class MessagesWire : IWire
{
    private static readonly (string Name, string Value) Version = ("anthropic-version", "2023-06-01");

    public string? Maker => MessagesContentWriter.Maker;

    public string PathOf(string model, bool stream) => "messages";

    public IReadOnlyList<(string Name, string Value)> HeadersFor(string key) => [("x-api-key", key), Version];

    public void Write(ModelRequest request, string model, int maxOutputTokens, IBufferWriter<byte> into)
    {
        MessagesRefusals.Check(request, maxOutputTokens);
        using var json = new Utf8JsonWriter(into, MessagesWireJson.Options);
        MessagesRequestWriter.Write(json, request, model, maxOutputTokens);
    }

    public ModelReply Read(ReadOnlyMemory<byte> body) => MessagesWireJson.Read(body, MessagesReplyReader.Read);

    public IEmbeddingsWire? Embeddings => null;

    public ISpeechWire? Speech => null;

    public ICountingWire? Counting { get; } = new MessagesCounting();

    public IWireStream Stream() => new WholeCharacters(new MessagesEventReader());

    public ProviderFault ReadError(int status, ReadOnlyMemory<byte> body, int? retryAfter) => MessagesFaults.Read(status, body, retryAfter);
}
