namespace Agora.Models;

/// <summary>
/// Tokens of one call as its provider counts them, each in one bucket only: what a dialect counts in two places (OpenAI: cached tokens are part of the input, reasoning of the output) is parted when
/// it is read, and added again when it is written. So nothing is billed twice, and nothing is dropped.
/// </summary>
/// <param name="Input">Text and images read at the full rate: neither cached, nor written to a cache, nor audio.</param>
/// <param name="CacheRead">Read from the provider's cache.</param>
/// <param name="CacheWrite">Written to it for its usual time (Anthropic: 5 minutes).</param>
/// <param name="CacheWriteLong">Written to it for an hour.</param>
/// <param name="InputAudio">Audio read.</param>
/// <param name="Output">Text and tool calls written: without reasoning and audio.</param>
/// <param name="Reasoning">Written before the answer, whether it is shown or not.</param>
/// <param name="OutputAudio">Audio written.</param>
public sealed record Usage(
    long Input = 0, long CacheRead = 0, long CacheWrite = 0, long CacheWriteLong = 0, long InputAudio = 0, long Output = 0, long Reasoning = 0, long OutputAudio = 0)
{
    public static Usage None { get; } = new();

    /// <summary>All that was read.</summary>
    public long AllInput => Input + CacheRead + CacheWrite + CacheWriteLong + InputAudio;

    /// <summary>All that was written.</summary>
    public long AllOutput => Output + Reasoning + OutputAudio;

    public long Total => AllInput + AllOutput;

    public bool InRange => Input >= 0 && CacheRead >= 0 && CacheWrite >= 0 && CacheWriteLong >= 0 && InputAudio >= 0 && Output >= 0 && Reasoning >= 0 && OutputAudio >= 0
        && new[] { Input, CacheRead, CacheWrite, CacheWriteLong, InputAudio, Output, Reasoning, OutputAudio }.All(tokens => tokens <= ModelLimits.UsageTokens);
}
