using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Services;
using Agora.Outbound;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Services;

public sealed class MeteredCallTests
{
    private const long Held = 500_000;

    [Theory]
    [InlineData("0", 0)]
    [InlineData("12.5", 125_000)]
    [InlineData("50", 500_000)]
    public async Task Run_costs_what_the_service_says(string said, long cost)
    {
        var catalogue = new OneService();

        var output = Assert.IsType<ServiceOutcome.Output>(await Call(catalogue, said, Held));

        Assert.Equal(cost, output.CostMicros);
        Assert.Empty(catalogue.Marks);
    }

    [Fact]
    public async Task More_than_was_held_is_cut_and_marks_the_service()
    {
        var catalogue = new OneService();

        var output = Assert.IsType<ServiceOutcome.Output>(await Call(catalogue, "50.0001", Held));

        Assert.Equal(Held, output.CostMicros);
        var mark = Assert.Single(catalogue.Marks);
        Assert.Equal((500_001, Held), (mark.AskedMicros, mark.HeldMicros));
    }

    [Fact]
    public async Task More_than_its_price_at_a_try_is_cut_and_marks_nothing()
    {
        var catalogue = new OneService();

        var output = Assert.IsType<ServiceOutcome.Output>(await Call(catalogue, "50.0001", Held, isTry: true));

        Assert.Equal(Held, output.CostMicros);
        Assert.Empty(catalogue.Marks);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1e17")]
    [InlineData("12.34567")]
    [InlineData("ten")]
    [InlineData("1, 2")]
    [InlineData("9999999999999999999999")]
    public async Task Run_without_a_valid_cost_has_failed_upstream(string? said)
    {
        var failed = Assert.IsType<ServiceOutcome.CallFailed>(await Call(new(), said, Held));

        Assert.Equal(Codes.UpstreamFailed, failed.Code);
    }

    [Fact]
    public async Task Mark_that_cannot_be_set_costs_the_run_nothing()
    {
        var output = Assert.IsType<ServiceOutcome.Output>(await Call(new() { RefusesMarks = true }, "60", Held));

        Assert.Equal(Held, output.CostMicros);
    }

    [Fact]
    public async Task Cost_of_a_fixed_price_is_not_asked_for()
    {
        var output = Assert.IsType<ServiceOutcome.Output>(await Call(new(), "60", held: null));

        Assert.Null(output.CostMicros);
    }

    private static Task<StepOutcome> Call(OneService catalogue, string? said, long? held, bool isTry = false) =>
        new ServiceCaller(catalogue, new SaysItsCost(said, held), new Agora.Grains.Clocks.TenantTimes(new Agora.Contracts.Entities(null!), TimeProvider.System, alone: true), NullLogger<ServiceCaller>.Instance)
            .Call(Tenant.Default, new("meter", "user-1", "agent-1", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(5), held) { IsTry = isTry }, null);

    private sealed class SaysItsCost(string? said, long? held) : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            Assert.Equal(held is { } most ? Money.FormatCents(most) : null, call.MaxCost);
            return Task.FromResult<OutboundResult>(new OutboundResult.Succeeded(200, "{}"u8.ToArray(), 1, said));
        }
    }

    private sealed class OneService : IEntities
    {
        private static readonly ServiceView View = new(
            "meter", new("Meter", "", "text", Held, "https://meter.example/", "provider", null, null, null, null, 5_000, true, Metered: true), false, DateTimeOffset.UnixEpoch);

        public bool RefusesMarks { get; init; }

        public List<ServiceCommand.ReportOvercharge> Marks { get; } = [];

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) => Task.FromResult(envelope.Answered(Answered(envelope.Body))));

        private object Answered(object command)
        {
            switch (command)
            {
                case ServiceCommand.GetSecret:
                    return Answer.Of(new ServiceSecret(null, null, View));
                case ServiceCommand.ReportOvercharge when RefusesMarks:
                    return new OperatingFailure(FailureKind.Unavailable);
                case ServiceCommand.ReportOvercharge mark:
                    Marks.Add(mark);
                    return Answer.Of(View);
                default:
                    throw new NotSupportedException(command.GetType().Name);
            }
        }
    }
}
