using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>What one conversation counted on one UTC day. A message without an acknowledgement counts as delivered or dead on a later day, or never.</summary>
/// <param name="Day">Days since the Unix epoch.</param>
/// <param name="Messages">Messages that were accepted.</param>
/// <param name="Delivered">Messages that the last of their recipients acknowledged.</param>
/// <param name="Dead">Messages that became dead letters.</param>
public sealed record DayCount(
    long Day,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Messages = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Delivered = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Dead = 0)
{
    public static long DayOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 86_400;

    /// <summary>When the conversation writes the count: after the end of the day, at its own moment within <see cref="TalkLimits.CountedWithin"/>.</summary>
    public static DateTimeOffset WrittenAt(long day, StreamId stream) => DateTimeOffset.FromUnixTimeSeconds((day + 1) * 86_400) + TimeSpan.FromSeconds(Place(stream) % (uint)TalkLimits.CountedWithin.TotalSeconds);

    // FNV-1a, because the stream's alarm needs the same value in every process and release.
    private static uint Place(StreamId stream)
    {
        var hash = 2_166_136_261u;
        foreach (var letter in stream.Id) hash = unchecked((hash ^ letter) * 16_777_619);
        return hash;
    }
}
