using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Kernel;
using Agora.Grains.Services;
using Agora.Outbound;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Services;

/// <summary>Which bytes of a service are an output: nobody pays for what no reader can read.</summary>
public sealed class OutputTests
{
    public static TheoryData<string, byte[]> Unreadable => new()
    {
        { "not UTF-8 in a text", [.. "{\"a\":\""u8, 0xFF, 0xFE, .. "\"}"u8] },
        { "not UTF-8 in a name", [.. "{\""u8, 0xC3, 0x28, .. "\":1}"u8] },
        { "a surrogate as UTF-8", [.. "[\""u8, 0xED, 0xA0, 0x80, .. "\"]"u8] },
        { "an overlong slash", [.. "\""u8, 0xC0, 0xAF, .. "\""u8] },
        { "half a character at the end", [.. "\"a"u8, 0xE2, 0x82, .. "\""u8] },
        { "a byte order mark", [0xEF, 0xBB, 0xBF, .. "{}"u8] },
        { "not JSON", "{"u8.ToArray() },
        { "nothing", [] },
        { "nested deeper than a door can pass on", Nested(Limits.OutputDepth + 1) },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task What_cannot_be_read_is_no_output_UpstreamFailed(string what, byte[] body)
    {
        Assert.NotEmpty(what);
        foreach (var held in new long?[] { null, 500_000 })
        {
            Assert.Equal(Codes.UpstreamFailed, Assert.IsType<ServiceOutcome.CallFailed>(await Call(body, held)).Code);
        }
    }

    [Fact]
    public async Task Text_of_any_script_is_passed_on_as_it_came()
    {
        var body = "{\"a\":\"äöü 日本語 😀\"}"u8.ToArray();

        Assert.Equal(body, Assert.IsType<ServiceOutcome.Output>(await Call(body, null)).Body.ToArray());
    }

    [Fact]
    public async Task What_is_nested_as_deep_as_may_be_is_passed_on() =>
        Assert.IsType<ServiceOutcome.Output>(await Call(Nested(Limits.OutputDepth), null));

    /// <summary>84 outputs of 1 MB between their service and the journal ended a process with a heap of 256 MB.</summary>
    [Fact]
    public async Task However_many_large_outputs_are_in_flight_so_many_are_in_memory_as_there_is_room_for_and_all_come()
    {
        const int Length = 1 << 20;
        var (bytes, outside) = (new FairPlaces(4 * Length), new Roomy([.. "\""u8, .. Enumerable.Repeat((byte)'a', Length - 2), .. "\""u8]));
        var calls = Enumerable.Range(0, 84).Select(n => Caller(outside, bytes).Call(Tenant.Default, Run($"session-{n % 7}"), null)).ToList();

        var (came, most) = (0, 0);
        while (calls.Count > 0)
        {
            var next = await Task.WhenAny(calls).WaitAsync(TimeSpan.FromMinutes(3));
            calls.Remove(next);
            most = Math.Max(most, outside.Read - came);
            came++;
            Assert.IsType<ServiceOutcome.Output>(await next).Room!.Dispose();
        }

        Assert.InRange(most, 1, 4);
        Assert.NotNull(bytes.Take(new("other"), 4 * Length));
    }

    [Fact]
    public async Task However_many_large_outputs_one_tenant_has_another_tenants_output_has_room()
    {
        const int Length = 1 << 20;
        var bytes = new FairPlaces(4 * Length);
        var one = new Roomy([.. "\""u8, .. Enumerable.Repeat((byte)'a', Length - 2), .. "\""u8]);
        var many = Enumerable.Range(0, 20).Select(n => Caller(one, bytes).Call(Tenant.Default, Run($"session-{n}"), null)).ToList();

        var other = await Caller(one, bytes).Call(Tenant.Parse("other")!, Run("session"), null).WaitAsync(TimeSpan.FromMinutes(3));

        Assert.NotNull(Assert.IsType<ServiceOutcome.Output>(other).Room);
        Assert.Contains(many, static call => !call.IsCompleted);
    }

    [Fact]
    public async Task However_many_sessions_of_one_user_have_large_outputs_another_users_output_has_room()
    {
        const int Length = 1 << 20;
        var bytes = new FairPlaces(8 * Length);
        var one = new Roomy([.. "\""u8, .. Enumerable.Repeat((byte)'a', Length - 2), .. "\""u8]);
        var many = Enumerable.Range(0, 20).Select(n => Caller(one, bytes).Call(Tenant.Default, Run($"session-{n}"), null)).ToList();

        var other = await Caller(one, bytes).Call(Tenant.Default, Run("session") with { UserId = "user-2" }, null).WaitAsync(Hang.Timeout);

        Assert.NotNull(Assert.IsType<ServiceOutcome.Output>(other).Room);
        Assert.Contains(many, static call => !call.IsCompleted);
    }

    /// <summary>While it is read it has room for the longest that may come.</summary>
    [Fact]
    public async Task An_output_that_is_read_holds_as_much_room_as_it_has_bytes()
    {
        const int All = 4 << 20;
        const int Length = 2 * Limits.SmallReplyBytes;
        var (bytes, outside) = (new FairPlaces(All), new Roomy([.. "\""u8, .. Enumerable.Repeat((byte)'a', Length - 2), .. "\""u8]));

        using var room = Assert.IsType<ServiceOutcome.Output>(await Caller(outside, bytes).Call(Tenant.Default, Run("session"), null)).Room;

        Assert.Null(bytes.Take(new("other"), All - Length + 1));
        Assert.NotNull(bytes.Take(new("other"), All - Length));
    }

    /// <summary>A small one holds next to nothing, and waits for nothing.</summary>
    [Fact]
    public async Task A_small_output_needs_no_room()
    {
        var full = new FairPlaces(0);

        Assert.Null(Assert.IsType<ServiceOutcome.Output>(await Caller(new Says("{}"u8.ToArray()), full).Call(Tenant.Default, Run("session"), null)).Room);
    }

    private static byte[] Nested(int levels) => [.. Enumerable.Repeat((byte)'[', levels), .. Enumerable.Repeat((byte)']', levels)];

    private static Task<StepOutcome> Call(byte[] body, long? held) => Caller(new Says(body)).Call(Tenant.Default, Run("") with { HeldMicros = held }, null);

    private static ServiceCall Run(string sessionId) => new("echo", "user-1", "agent-1", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(5)) { SessionId = sessionId };

    private static ServiceCaller Caller(IOutbound outside, FairPlaces? bytes = null) =>
        new(new OneService(), outside, new Agora.Grains.Clocks.TenantTimes(new Agora.Contracts.Entities(null!), TimeProvider.System, alone: true), NullLogger<ServiceCaller>.Instance, bytes: bytes);

    /// <summary>Reads an answer as the outbound client does: further than its first bytes when there is room.</summary>
    private sealed class Roomy(byte[] body) : IOutbound
    {
        private int _read;

        public int Read => Volatile.Read(ref _read);

        public async Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            await call.Room!(call.MaxResponseBytes, cancellation);
            Interlocked.Increment(ref _read);
            return new OutboundResult.Succeeded(200, body, 1, "1");
        }
    }

    private sealed class Says(byte[] body) : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation) =>
            Task.FromResult<OutboundResult>(new OutboundResult.Succeeded(200, body, 1, "1"));
    }

    private sealed class OneService : IEntities
    {
        private static readonly ServiceView View = new(
            "echo", new("Echo", "", "text", 1, "https://echo.example/", "provider", null, null, null, null, 5_000, true), false, DateTimeOffset.UnixEpoch);

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) => Task.FromResult(envelope.Answered(Answer.Of(envelope.Body is ServiceCommand.GetSecret ? new ServiceSecret(null, null, View) : View))));
    }
}
