using System.Buffers;

namespace Agora.Models.Wires;

/// <summary>OpenAI's own /v1/responses. Nothing is stored there: what goes on from a response is kept here and sent again.</summary>
public sealed class ResponsesWire : IWire
{
    public string? Maker => "openai";

    public string PathOf(string model, bool stream) => "responses";

    public IReadOnlyList<(string Name, string Value)> HeadersFor(string key) => [("Authorization", "Bearer " + key)];

    public void Write(ModelRequest request, string model, int maxOutputTokens, IBufferWriter<byte> into) => ResponsesWireRequest.Write(request, model, maxOutputTokens, into);

    public ModelReply Read(ReadOnlyMemory<byte> body) => ResponsesWireReply.Read(body);

    public IEmbeddingsWire? Embeddings { get; } = new OpenAiEmbeddings(wantsBase64: true);

    public ISpeechWire? Speech { get; } = new OpenAiSpeech();

    public ICountingWire? Counting { get; } = new ResponsesCounting();

    public IWireStream Stream() => new WholeCharacters(new ResponsesWireStream());

    public ProviderFault ReadError(int status, ReadOnlyMemory<byte> body, int? retryAfter) => ResponsesWireErrors.Read(status, body, retryAfter);
}
