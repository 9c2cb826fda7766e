using System.Buffers;
using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>Google's generateContent. The base URL ends in the version (/v1beta).</summary>
public sealed class GeminiWire : IWire
{
    private const string Models = "models/";

    public string? Maker => GeminiContentWriter.Maker;

    public string PathOf(string model, bool stream) => PathOf(model, stream ? "streamGenerateContent?alt=sse" : "generateContent");

    internal static string PathOf(string model, string verb) => $"{Models}{Uri.EscapeDataString(NameOf(model))}:{verb}";

    /// <summary>Operators write it with models/ before it, or without.</summary>
    internal static string NameOf(string model) => model.StartsWith(Models, StringComparison.Ordinal) ? model[Models.Length..] : model;

    public IReadOnlyList<(string Name, string Value)> HeadersFor(string key) => [("x-goog-api-key", key)];

    public void Write(ModelRequest request, string model, int maxOutputTokens, IBufferWriter<byte> into)
    {
        GeminiRefusals.Check(request);
        using var json = new Utf8JsonWriter(into, MessagesWireJson.Options);
        GeminiRequestWriter.Write(json, request, model, maxOutputTokens);
    }

    /// <summary>A whole reply has the shape of a stream's only chunk.</summary>
    public ModelReply Read(ReadOnlyMemory<byte> body)
    {
        var said = new List<ModelEvent>();
        var chunks = new GeminiChunkReader();
        new WholeCharacters(chunks).Read(body, said);
        if (!chunks.HasSaid) throw new InvalidDataException("The provider sent neither candidates nor why there are none.");

        var reply = new ReplyBuilder();
        foreach (var one in said)
        {
            reply.Add(one);
        }

        return reply.Reply();
    }

    public IEmbeddingsWire? Embeddings { get; } = new GeminiEmbeddings();

    public ISpeechWire? Speech => null;

    public ICountingWire? Counting { get; } = new GeminiCounting();

    public IWireStream Stream() => new WholeCharacters(new GeminiChunkReader());

    public ProviderFault ReadError(int status, ReadOnlyMemory<byte> body, int? retryAfter) => GeminiFaults.Read(status, body, retryAfter);
}
