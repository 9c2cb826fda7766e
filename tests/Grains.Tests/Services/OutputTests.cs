using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
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

    private static Task<StepOutcome> Call(byte[] body, long? held) =>
        new ServiceCaller(new OneService(), new Says(body), new Agora.Grains.Clocks.TenantTimes(new Agora.Contracts.Entities(null!), TimeProvider.System, alone: true), NullLogger<ServiceCaller>.Instance)
            .Call(Tenant.Default, new("echo", "user-1", "agent-1", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(5), held), null);

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
