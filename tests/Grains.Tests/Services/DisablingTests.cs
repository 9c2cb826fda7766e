using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Services;
using Agora.Outbound;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Services;

/// <summary>When failed runs take a service from everybody, and when they do not.</summary>
public sealed class DisablingTests
{
    private static readonly OutboundResult Broken = new OutboundResult.Failed(OutboundFailure.BadStatus, 500, 1);
    private static readonly OutboundResult Well = new OutboundResult.Succeeded(200, "{}"u8.ToArray(), 1, null);

    private readonly SimTimeProvider _time = new();
    private readonly OneService _catalogue;
    private readonly ServiceCaller _caller;
    private readonly List<string> _breakers = [];
    private int _tries;
    private OutboundResult _result = Broken;

    public DisablingTests()
    {
        _catalogue = new(_time);
        _caller = new(_catalogue, new Plays(call =>
        {
            _breakers.Add(call.ServiceId);
            _tries += call is { IsTry: true, IsSigned: true } ? 1 : 0;
            return _result;
        }), new Agora.Grains.Clocks.TenantTimes(new Agora.Contracts.Entities(null!), _time, alone: true), NullLogger<ServiceCaller>.Instance);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(413)]
    [InlineData(415)]
    [InlineData(422)]
    public async Task Input_errors_of_any_number_of_users_never_disable(int status)
    {
        _result = new OutboundResult.Failed(OutboundFailure.BadStatus, status, 1);

        await Runs(50, users: 10);

        Assert.Equal(0, _catalogue.Disables);
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(404, true)]
    [InlineData(409, true)]
    [InlineData(410, true)]
    [InlineData(422, true)]
    [InlineData(499, true)]
    [InlineData(401, false)]
    [InlineData(407, false)]
    [InlineData(408, false)]
    [InlineData(421, false)]
    [InlineData(425, false)]
    [InlineData(429, false)]
    [InlineData(500, false)]
    public async Task A_failed_call_says_whether_the_status_refuses_the_input_and_which_it_is(int status, bool isOfInput)
    {
        _result = new OutboundResult.Failed(OutboundFailure.BadStatus, status, 1);

        var failed = Assert.IsType<ServiceOutcome.CallFailed>(await _caller.Call(Tenant.Default, new("echo", "user", "agent", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(5)), null));

        Assert.Equal((Codes.UpstreamFailed, isOfInput), (failed.Code, failed.IsOfInput));
        Assert.Contains($"{status}", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(isOfInput, failed.Reason.Contains("refused the input", StringComparison.Ordinal));
    }

    /// <summary>Other callers have the connections to its server, or the memory of this one.</summary>
    [Theory]
    [InlineData(0, "Too many calls to the service's server are under way here.")]
    [InlineData(1, "The service answered, but this server had no memory left for its output.")]
    public async Task Calls_of_any_number_of_users_for_which_there_is_no_room_here_never_disable(int sent, string why)
    {
        _result = new OutboundResult.Failed(OutboundFailure.NoRoom, null, 1) { Sent = sent };

        await Runs(50, users: 10);
        var failed = Assert.IsType<ServiceOutcome.CallFailed>(await _caller.Call(Tenant.Default, new("echo", "user", "agent", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(5)), null));

        Assert.Equal((0, Codes.Unavailable, why), (_catalogue.Disables, failed.Code, failed.Reason));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Ten_failures_of_the_service_over_several_users_disable_it(int status)
    {
        _result = new OutboundResult.Failed(OutboundFailure.BadStatus, status, 1);

        await Runs(9, users: 3);
        Assert.Equal(0, _catalogue.Disables);
        await Runs(1, users: 3);

        Assert.Equal(1, _catalogue.Disables);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Failures_of_one_or_two_users_never_disable(int users)
    {
        await Runs(100, users);

        Assert.Equal(0, _catalogue.Disables);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failures_of_one_agent_that_acts_for_many_users_never_disable(bool onTrial)
    {
        _catalogue.RetriedAt = onTrial ? _time.GetUtcNow() : null;

        await Runs(100, users: 50, agents: 1);

        Assert.Equal(0, _catalogue.Disables);
    }

    [Fact]
    public async Task Failures_of_two_agents_never_disable_and_of_three_do()
    {
        await Runs(100, users: 50, agents: 2);
        Assert.Equal(0, _catalogue.Disables);
        await Runs(6, users: 50, agents: 3);

        Assert.Equal(1, _catalogue.Disables);
    }

    [Fact]
    public async Task Breaker_that_is_open_counts_for_nothing()
    {
        _result = new OutboundResult.Failed(OutboundFailure.BreakerOpen, null, 0);

        await Runs(50, users: 10);

        Assert.Equal(0, _catalogue.Disables);
    }

    [Fact]
    public async Task Breaker_is_of_one_tenants_service_and_not_of_anothers_of_the_same_id()
    {
        foreach (var tenant in new[] { Tenant.Default, Tenant.Parse("second")! })
        {
            await _caller.Call(tenant, new("echo", "user-1", "agent-1", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(5)), null);
        }

        Assert.Equal(["echo", "second/echo"], _breakers);
    }

    [Fact]
    public async Task Success_between_failures_begins_the_row_anew()
    {
        await Runs(9, users: 9);
        _result = Well;
        await Runs(1, users: 1);
        _result = Broken;
        await Runs(9, users: 9);

        Assert.Equal(0, _catalogue.Disables);
    }

    [Fact]
    public async Task Users_who_had_failed_as_often_as_counts_count_anew_after_a_success()
    {
        await Runs(8, users: 2);
        _result = Well;
        await Runs(1, users: 1);
        _result = Broken;
        await Runs(10, users: 3);

        Assert.Equal(1, _catalogue.Disables);
    }

    [Fact]
    public async Task On_trial_three_users_suffice_and_one_user_does_not()
    {
        _catalogue.RetriedAt = _time.GetUtcNow();

        await Runs(50, users: 1);
        Assert.Equal(0, _catalogue.Disables);
        await Runs(3, users: 3);

        Assert.Equal(1, _catalogue.Disables);
    }

    [Fact]
    public async Task What_failed_before_a_service_was_enabled_again_is_forgotten()
    {
        await Runs(9, users: 9);
        _catalogue.RetriedAt = _time.GetUtcNow() - Limits.ServiceTrial;
        _time.Advance(TimeSpan.FromSeconds(2));

        await Runs(9, users: 9);

        Assert.Equal(0, _catalogue.Disables);
    }

    [Fact]
    public async Task Tries_are_sent_as_tries_and_of_any_number_that_fail_none_disables()
    {
        await Runs(50, users: 10, isTry: true);

        Assert.Equal((50, 0), (_tries, _catalogue.Disables));
        _result = Well;
        await Runs(1, users: 1);
        Assert.Equal(50, _tries);
    }

    private async Task Runs(int count, int users, int agents = 10, bool isTry = false)
    {
        for (var i = 0; i < count; i++)
        {
            await _caller.Call(Tenant.Default, new("echo", $"user-{i % users}", $"agent-{i % agents}", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(5)) { IsTry = isTry }, null);
        }
    }

    private sealed class Plays(Func<OutboundCall, OutboundResult> result) : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation) => Task.FromResult(result(call));
    }

    private sealed class OneService(TimeProvider time) : IEntities
    {
        private static readonly ServiceView View = new(
            "echo", new("Echo", "", "text", 1, "https://echo.example/", "provider", null, null, null, null, 5_000, true), false, DateTimeOffset.UnixEpoch);

        public int Disables { get; private set; }

        public DateTimeOffset? RetriedAt { get; set; }

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) => Task.FromResult(envelope.Answered(Answered(envelope.Body))));

        private Answer Answered(object command)
        {
            Disables += command is ServiceCommand.Disable ? 1 : 0;
            var view = View with { RetryAt = RetriedAt, UpdatedAt = time.GetUtcNow() };
            return Answer.Of(command is ServiceCommand.GetSecret ? new ServiceSecret(null, null, view) : view);
        }
    }
}
