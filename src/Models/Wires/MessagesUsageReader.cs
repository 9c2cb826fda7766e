using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// Anthropic's counts. Those of a stream are each of the whole message so far: what comes later stands in place of what came before, and what is absent stays. input_tokens is without what was read from the cache or written to it;
/// output_tokens has the thinking in it, which output_tokens_details tells.
/// </summary>
internal sealed class MessagesUsageReader
{
    private long _input;
    private long _cacheRead;
    private long _cacheWrite;
    private long _cacheWriteUsual;
    private long _cacheWriteLong;
    private long _output;
    private long _thinking;

    /// <summary>As the provider names it; null: it does not say.</summary>
    public string? Tier { get; private set; }

    /// <summary>The writes are what is told of them, or the sum of their parts if that is more, so that none is free; thinking can be no more than all that was written.</summary>
    public Usage Usage
    {
        get
        {
            var writes = Math.Max(_cacheWrite, _cacheWriteUsual + _cacheWriteLong);
            var thinking = Math.Min(_thinking, _output);
            var usage = new Usage(
                Input: _input, CacheRead: _cacheRead, CacheWrite: writes - _cacheWriteLong, CacheWriteLong: _cacheWriteLong, Output: _output - thinking, Reasoning: thinking);
            return usage.InRange ? usage : throw MessagesWireJson.Wrong("usage"u8, "too many tokens");
        }
    }

    public void Add(JsonElement usage)
    {
        _input = MessagesWireJson.Tokens(usage, "input_tokens"u8) ?? _input;
        _cacheRead = MessagesWireJson.Tokens(usage, "cache_read_input_tokens"u8) ?? _cacheRead;
        _cacheWrite = MessagesWireJson.Tokens(usage, "cache_creation_input_tokens"u8) ?? _cacheWrite;
        _output = MessagesWireJson.Tokens(usage, "output_tokens"u8) ?? _output;
        if (MessagesWireJson.Object(usage, "cache_creation"u8) is { } writes)
        {
            _cacheWriteUsual = MessagesWireJson.Tokens(writes, "ephemeral_5m_input_tokens"u8) ?? _cacheWriteUsual;
            _cacheWriteLong = MessagesWireJson.Tokens(writes, "ephemeral_1h_input_tokens"u8) ?? _cacheWriteLong;
        }

        if (MessagesWireJson.Object(usage, "output_tokens_details"u8) is { } details)
        {
            _thinking = MessagesWireJson.Tokens(details, "thinking_tokens"u8) ?? _thinking;
        }

        Tier = MessagesWireJson.Text(usage, "service_tier"u8) ?? Tier;
    }
}
