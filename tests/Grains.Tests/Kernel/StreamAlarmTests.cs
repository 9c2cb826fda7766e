using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Grains.Tests.Kernel;

public sealed class StreamAlarmTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_overdue_rings_again_though_the_stream_is_busy()
    {
        var alarm = new StreamAlarm();
        Assert.Equal((Start + TimeSpan.FromSeconds(60)).ToMicros(), alarm.Next(Start.AddSeconds(60), unfinished: false, rang: false, Start)!.Value.AtMicros);
        Assert.Equal(Start.AddSeconds(91).ToMicros(), alarm.Next(Start.AddSeconds(60), unfinished: false, rang: true, Start.AddSeconds(61))!.Value.AtMicros);

        // Its answer was lost: what is decided meanwhile leaves the alarm where it stands, also when it is about to ring.
        Assert.All(Enumerable.Range(62, 40), second => Assert.Null(alarm.Next(Start.AddSeconds(60), unfinished: false, rang: false, Start.AddSeconds(second))));
        Assert.NotNull(alarm.Next(Start.AddSeconds(60), unfinished: false, rang: true, Start.AddSeconds(102)));
    }
}
