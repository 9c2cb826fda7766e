using System.Buffers;
using System.Text.Json;
using Agora.Models.Json;

namespace Agora.Models.Wires;

/// <summary>
/// Chat Completions of OpenAI, and of the servers that speak like it (vLLM, Ollama, llama.cpp, DeepSeek and others).
/// </summary>
/// <param name="isOpenAi">
/// Max tokens are max_completion_tokens, and what only compatible servers know (top_k, reasoning_content) is not written; else they are max_tokens, which those servers know.
/// </param>
public sealed class ChatWire(bool isOpenAi) : IWire
{
    /// <summary>No one's: a compatible server may be Google's or not, and its address does not say which.</summary>
    public string? Maker => null;

    public string PathOf(string model, bool stream) => "chat/completions";

    public IReadOnlyList<(string Name, string Value)> HeadersFor(string key) => key.Length == 0 ? [] : [("Authorization", $"Bearer {key}")];

    public void Write(ModelRequest request, string model, int maxOutputTokens, IBufferWriter<byte> into)
    {
        // What is wrong with a schema of a custom tool, or with a part, is found while it is written: the caller then throws away what is in the buffer.
        using var json = new Utf8JsonWriter(into, ChatJson.Writing);
        ChatBodyWriter.Write(request, model, maxOutputTokens, isOpenAi, json);
    }

    /// <summary>Google's compatible endpoint, and servers in front of it, want the thought signatures of their calls back (extra_content). A strict server refuses that member, and may have to read a conversation that began at Google's.</summary>
    public ModelRequest? Plainer(ModelRequest request) => !isOpenAi && request.Items.Any(static item => item is Item.ToolCall { Seal: not null })
        ? request with { Items = [.. request.Items.Select(static item => item is Item.ToolCall call ? call with { Seal = null } : item)] }
        : null;

    public ModelReply Read(ReadOnlyMemory<byte> body)
    {
        using var document = ChatReading.Parse(body);
        return ChatReplyReader.Read(document.RootElement);
    }

    public IEmbeddingsWire? Embeddings { get; } = new OpenAiEmbeddings(wantsBase64: isOpenAi);

    public ISpeechWire? Speech { get; } = new OpenAiSpeech();

    public ICountingWire? Counting => null;

    public IWireStream Stream() => new WholeCharacters(new ChatWireStream());

    public ProviderFault ReadError(int status, ReadOnlyMemory<byte> body, int? retryAfter)
    {
        using var document = body.Length > ModelLimits.ReplyBytes ? null : ChatJson.TryParse(body, out _, mayHaveHalves: true);
        return ChatErrors.Read(status, document?.RootElement ?? default, retryAfter);
    }
}
