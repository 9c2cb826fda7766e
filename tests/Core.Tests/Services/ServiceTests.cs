using Agora.Core.Kernel;
using Agora.Core.Services;
using Service = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Services.ServiceState, Agora.Core.Services.ServiceCommand, Agora.Core.Services.ServiceEvent>;

namespace Agora.Core.Tests.Services;

public sealed class ServiceTests
{
    private static readonly Guid Overcharged = Guid.Parse("01957a00-0000-7000-8000-000000000001");
    private static readonly Personal Secret = Personal.Of("s3cret");
    private static readonly ServiceDefinition Open = new("Summary", "Summarises text", "text", 250_000, "https://text.example/run", "provider-1", "owner-1", """{"type":"object"}""", null, null, 5_000, true);
    private static readonly ServiceDefinition Closed = Open with { AuthHeader = "X-Api-Key" };
    private static readonly ServiceDefinition Moved = Closed with { Endpoint = "https://other.example/run" };

    [Fact]
    public void Put_service_is_in_the_catalogue() => NewService()
        .When(new ServiceCommand.PutService(Open, null))
        .Then(new ServiceEvent.DefinitionPut(View(Open)))
        .ThenAnswered(View(Open))
        .When(new ServiceCommand.Get()).Then().ThenAnswered(View(Open));

    [Fact]
    public void Secret_is_kept_sealed_and_told_only_to_who_makes_the_call() => NewService()
        .When(new ServiceCommand.PutService(Closed, Secret))
        .Then(new ServiceEvent.DefinitionPut(View(Closed) with { Secrets = 1 }) { Secret = Secret })
        .When(new ServiceCommand.GetSecret()).ThenAnswered(new ServiceSecret("X-Api-Key", Secret, View(Closed) with { Secrets = 1 }));

    /// <summary>Two answers could be of two puts, and the secret of one would go to the address of the other.</summary>
    [Fact]
    public void Secret_is_told_with_the_definition_that_it_was_put_with() => NewService()
        .When(new ServiceCommand.PutService(Closed, Secret))
        .When(new ServiceCommand.PutService(Moved, Personal.Of("another")))
        .When(new ServiceCommand.GetSecret()).ThenAnswered(new ServiceSecret("X-Api-Key", Personal.Of("another"), View(Moved) with { Secrets = 2 }));

    [Fact]
    public void Put_without_a_secret_keeps_the_one_that_is_there() => NewService()
        .When(new ServiceCommand.PutService(Closed, Secret))
        .When(new ServiceCommand.PutService(Closed with { PriceMicros = 1 }, null)).ThenEvents(typeof(ServiceEvent.DefinitionPut))
        .When(new ServiceCommand.GetSecret()).ThenAnswered(new ServiceSecret("X-Api-Key", Secret, View(Closed with { PriceMicros = 1 }) with { Secrets = 1 }));

    /// <summary>Whoever can change the address would read the secret there.</summary>
    [Fact]
    public void A_secret_that_is_kept_goes_to_no_other_address() => NewService()
        .When(new ServiceCommand.PutService(Closed, Secret))
        .When(new ServiceCommand.PutService(Closed with { Endpoint = "https://other.example/run" }, null)).ThenRejected(ServiceRejection.SecretOfAnotherAddress)
        .When(new ServiceCommand.PutService(Closed with { Endpoint = "https://other.example/run" }, Secret)).ThenEvents(typeof(ServiceEvent.DefinitionPut))
        .When(new ServiceCommand.PutService(Open with { Endpoint = "https://third.example/run" }, null)).ThenEvents(typeof(ServiceEvent.DefinitionPut))
        .When(new ServiceCommand.PutService(Open, null)).ThenEvents(typeof(ServiceEvent.DefinitionPut))
        .When(new ServiceCommand.GetSecret()).ThenAnswered(new ServiceSecret(null, null, View(Open) with { Secrets = 2 }));

    [Theory]
    [InlineData("http://text.example/run")]
    [InlineData("https://text.example:8443/run")]
    [InlineData("https://text.example/another")]
    public void Another_address_of_the_same_host_is_another_address(string endpoint) => NewService()
        .When(new ServiceCommand.PutService(Closed, Secret))
        .When(new ServiceCommand.PutService(Closed with { Endpoint = endpoint }, null)).ThenRejected(ServiceRejection.SecretOfAnotherAddress);

    [Theory]
    [InlineData("https://text.example/run", 0, 0, null)]
    [InlineData("https://text.example/run", Limits.CacheSeconds, 10_000, null)]
    [InlineData("https://text.example/run", -1, 0, "range")]
    [InlineData("https://text.example/run", Limits.CacheSeconds + 1, 0, "range")]
    [InlineData("https://text.example/run", 1, -1, "range")]
    [InlineData("https://text.example/run", 1, 10_001, "range")]
    [InlineData("agent:a1", 1, 0, "not")]
    [InlineData("skill:s1", 1, 0, "not")]
    [InlineData("agent:a1", 0, 1, "not")]
    [InlineData("agent:a1", 0, 0, null)]
    public void Outputs_are_kept_within_bounds_and_of_what_is_called_only(string endpoint, int seconds, int basisPoints, string? refused)
    {
        var put = NewService().When(new ServiceCommand.PutService(Open with { Endpoint = endpoint, CacheSeconds = seconds, CacheHitBasisPoints = basisPoints }, null));
        Assert.Equal(refused is null ? null : $"/cache_seconds {refused}", put.Last.Answer!.Rejection?.Details is [{ } detail] ? $"{detail.Path} {detail.Keyword}" : null);
    }

    [Fact]
    public void Try_is_an_act_and_is_answered_with_what_came_of_its_call()
    {
        // What it answers no event keeps: a repeat calls the service again, under the id that it knows.
        var service = NewService().Anew(static (_, answer) => answer.Reply is ServiceTrial).When(new ServiceCommand.PutService(Open, null)).When(new ServiceCommand.Try(Personal.Of("input"))).ThenEvents(typeof(ServiceEvent.Tried));

        var step = Assert.Single(service.Last.Steps);
        var call = Assert.IsType<ServiceCall>(Assert.IsType<StepTarget.Outside>(step.Target).Call);
        Assert.Equal(new ServiceEvent.Tried("s1", call.RunId), Assert.Single(service.Last.Events));
        Assert.Equal((true, "s1", null, true), (service.Last.IsLater, call.ServiceId, call.HeldMicros, call.IsTry));
        service.When((ServiceCommand)step.Then(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "It failed.", 2) { TookMs = 7 })!).Then();
        var came = Assert.IsType<ServiceTrial>(Assert.Single(service.Last.LateAnswers).Answer.Reply);
        Assert.Equal(new ServiceTrial("s1", call.RunId, null, null, Codes.UpstreamFailed, "It failed.", 2, 7), came);
    }

    [Fact]
    public void Try_of_what_is_not_there_or_of_an_agent_is_refused() => NewService()
        .When(new ServiceCommand.Try(Personal.Of("input"))).ThenRejected(ServiceRejection.NotFound)
        .When(new ServiceCommand.PutService(Open with { Endpoint = "agent:a1" }, null))
        .When(new ServiceCommand.Try(Personal.Of("input"))).ThenRejected(ServiceRejection.AgentIsNotTried)
        .When(new ServiceCommand.PutService(Open with { Endpoint = "skill:s1" }, null))
        .When(new ServiceCommand.Try(Personal.Of("input"))).ThenRejected(ServiceRejection.AgentIsNotTried);

    [Fact]
    public void Put_without_a_header_removes_the_secret() => NewService()
        .When(new ServiceCommand.PutService(Closed, Secret))
        .When(new ServiceCommand.PutService(Open, null))
        .When(new ServiceCommand.GetSecret()).ThenAnswered(new ServiceSecret(null, null, View(Open) with { Secrets = 2 }));

    [Fact]
    public void Same_definition_and_secret_again_change_nothing() => NewService()
        .When(new ServiceCommand.PutService(Closed, Secret))
        .After(TimeSpan.FromHours(1))
        .When(new ServiceCommand.PutService(Closed with { }, Personal.Of("s3cret"))).Then()
        .When(new ServiceCommand.PutService(Closed, Personal.Of("another"))).ThenEvents(typeof(ServiceEvent.DefinitionPut));

    [Fact]
    public void Disabled_service_is_enabled_when_it_is_put_again() => NewService()
        .When(new ServiceCommand.PutService(Open, null))
        .When(new ServiceCommand.Disable("failed runs")).Then(new ServiceEvent.Disabled(Disabled(TimeSpan.FromMinutes(1), 1), "failed runs"))
        .When(new ServiceCommand.Disable("more")).Then().ThenAnswered(Disabled(TimeSpan.FromMinutes(1), 1))
        .When(new ServiceCommand.PutService(Open, null)).Then(new ServiceEvent.DefinitionPut(View(Open)));

    [Fact]
    public void Disabled_service_is_enabled_again_by_its_alarm_after_its_pause()
    {
        var service = NewService().When(new ServiceCommand.PutService(Open, null)).When(new ServiceCommand.Disable("failed runs"));
        Assert.Equal(service.Now + TimeSpan.FromMinutes(1), ServiceDecider.Due(service.State));

        service.After(TimeSpan.FromSeconds(59)).When(ServiceEntity.Entity.Tick).Then()
            .After(TimeSpan.FromSeconds(1)).When(ServiceEntity.Entity.Tick).ThenEvents(typeof(ServiceEvent.Retried))
            .When(new ServiceCommand.Get()).ThenAnswered(View(Open) with { RetryAt = service.Now, Retries = 1, UpdatedAt = service.Now });
        Assert.Null(ServiceDecider.Due(service.State));
        Assert.True(service.State.View!.IsOnTrial(service.Now));
    }

    [Fact]
    public void Service_that_fails_its_trial_again_and_again_pauses_twice_as_long_each_time_up_to_an_hour()
    {
        var service = NewService().When(new ServiceCommand.PutService(Open, null));
        var pauses = Enumerable.Range(0, 9).Select(_ => PauseAfterDisable(service)).ToList();

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60], pauses.Select(p => p.TotalMinutes));
    }

    [Fact]
    public void Service_that_stood_its_trial_begins_with_the_shortest_pause()
    {
        var service = NewService().When(new ServiceCommand.PutService(Open, null));
        PauseAfterDisable(service);
        PauseAfterDisable(service);

        service.After(Limits.ServiceTrial);

        Assert.False(service.State.View!.IsOnTrial(service.Now));
        Assert.Equal(Limits.ServicePause, PauseAfterDisable(service));
    }

    [Fact]
    public void Service_that_was_disabled_before_retries_were_kept_is_due() => NewService()
        .Given(new ServiceEvent.Disabled(View(Open) with { Disabled = true }, "ten failed runs"))
        .When(ServiceEntity.Entity.Tick).ThenEvents(typeof(ServiceEvent.Retried));

    private static TimeSpan PauseAfterDisable(Service service)
    {
        var from = service.When(new ServiceCommand.Disable("failed runs")).Now;
        var due = ServiceDecider.Due(service.State)!.Value;
        service.At(due).When(ServiceEntity.Entity.Tick).ThenEvents(typeof(ServiceEvent.Retried));
        return due - from;
    }

    private static ServiceView Disabled(TimeSpan pause, int retries) => View(Open) with { Disabled = true, RetryAt = Service.Start + pause, Retries = retries };

    [Fact]
    public void Overcharges_are_counted_and_stay_when_it_is_put_again() => NewService()
        .When(new ServiceCommand.PutService(Open with { Metered = true }, null))
        .When(new ServiceCommand.ReportOvercharge(Overcharged, 300_000, 250_000))
        .Then(new ServiceEvent.Overcharged(View(Open with { Metered = true }) with { Overcharges = 1, LastOvercharge = Overcharged }, Overcharged, 300_000, 250_000))
        .When(new ServiceCommand.PutService(Open, null)).ThenAnswered(View(Open) with { Overcharges = 1, LastOvercharge = Overcharged });

    [Fact]
    public void Secret_whose_key_was_destroyed_is_no_longer_told() => NewService()
        .Given(new ServiceEvent.DefinitionPut(View(Closed)))
        .When(new ServiceCommand.GetSecret()).ThenAnswered(new ServiceSecret("X-Api-Key", null, View(Closed)));

    public static TheoryData<ServiceCommand, Rejection> Refusals => new()
    {
        { new ServiceCommand.Get(), ServiceRejection.NotFound },
        { new ServiceCommand.GetSecret(), ServiceRejection.NotFound },
        { new ServiceCommand.ReportOvercharge(Guid.Empty, 2, 1), ServiceRejection.NotFound },
        { new ServiceCommand.Disable("ten failed runs"), ServiceRejection.NotFound },
        { new ServiceCommand.PutService(Open with { PriceMicros = -1 }, null), ServiceRejection.PriceOutOfRange },
        { new ServiceCommand.PutService(Open with { PriceMicros = Limits.MaxMicros + 1 }, null), ServiceRejection.PriceOutOfRange },
        { new ServiceCommand.PutService(Open with { TimeoutMs = 0 }, null), ServiceRejection.TimeoutOutOfRange },
        { new ServiceCommand.PutService(Open with { TimeoutMs = Limits.ServiceTimeoutMs + 1 }, null), ServiceRejection.TimeoutOutOfRange },
        { new ServiceCommand.PutService(Open, Secret), ServiceRejection.SecretWithoutHeader },
        { new ServiceCommand.PutService(Closed, null), ServiceRejection.HeaderWithoutSecret },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Command_that_no_service_can_follow_is_rejected(ServiceCommand command, Rejection rejection) =>
        NewService().When(command).ThenRejected(rejection);

    [Fact]
    public void Row_holds_the_definition_but_no_secret()
    {
        var service = NewService().When(new ServiceCommand.PutService(Closed, Secret));
        var row = Assert.Single(ServiceEntity.Entity.Rows(service.State, service.Last.Events[0], service.Now));
        Assert.Equal(["default", "s1", "Summary", "text", 1L, 0L], row.Values.Take(6));
        Assert.DoesNotContain(row.Values, v => v is string text && (text.Contains("s3cret", StringComparison.Ordinal) || text.Contains(Convert.ToBase64String(Secret.Utf8.Span), StringComparison.Ordinal)));
    }

    private static ServiceView View(ServiceDefinition definition) => new("s1", definition, Disabled: false, Service.Start);

    private static Service NewService() => Service.Of(StreamId.Service("s1")).Natural(static command => command is not ServiceCommand.Try);
}
