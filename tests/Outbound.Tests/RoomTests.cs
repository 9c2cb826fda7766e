namespace Agora.Outbound.Tests;

/// <summary>More than the first bytes of an answer is read only when its caller has room for it.</summary>
public sealed class RoomTests
{
    [Theory]
    [InlineData(OutboundLimits.SmallResponseBytes - 1, 0)]
    [InlineData(OutboundLimits.SmallResponseBytes, 1)]
    [InlineData(OutboundLimits.MaxResponseBytes, 1)]
    public async Task A_large_answer_waits_for_room_once_and_is_read_whole(int length, int asked)
    {
        var said = new string('a', length);
        await using var service = new ScriptedService(_ => ScriptedService.Response("200 OK", said));
        using var outbound = Calls.For(service);
        var (room, rooms) = (new TaskCompletionSource(), new List<int>());

        var answer = outbound.Call(Calls.To(service.Port, room: (most, _) => { rooms.Add(most); return room.Task; }));
        room.SetResult();

        Assert.Equal(said, (await answer).Text());
        Assert.Equal(Enumerable.Repeat(OutboundLimits.MaxResponseBytes, asked), rooms);
    }

    /// <summary>That we have no memory left says nothing of the service: it is not called again, and its breaker stays closed.</summary>
    [Fact]
    public async Task An_answer_for_which_there_is_no_room_in_time_is_lost_NoRoom()
    {
        await using var service = new ScriptedService(_ => ScriptedService.Response("200 OK", new string('a', OutboundLimits.MaxResponseBytes)));
        var time = new FakeTime();
        using var outbound = Calls.For(service, time);
        var patience = OutboundLimits.BreakerWindow / 60; // all 30 within one window of the breaker
        for (var n = 0; n < 30; n++)
        {
            var waits = new TaskCompletionSource();
            var answer = outbound.Call(Calls.To(service.Port, attemptSeconds: patience.TotalSeconds, room: async (_, cancel) =>
            {
                waits.SetResult();
                await Task.Delay(Timeout.Infinite, cancel);
            }));
            await Task.WhenAny(waits.Task, answer); // an open breaker answers without a call
            time.Advance(patience);

            Assert.Equal(OutboundFailure.NoRoom, (await answer).Kind());
        }

        Assert.Equal(30, service.Connections);
    }
}
