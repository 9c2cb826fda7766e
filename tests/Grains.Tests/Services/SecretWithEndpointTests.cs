using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Services;
using Agora.Outbound;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Services;

/// <summary>A secret goes only to the endpoint that it was put with, whenever a put falls, and whichever release answers.</summary>
public sealed class SecretWithEndpointTests
{
    private static readonly ServiceDefinition First = new("Echo", "", "text", 1, "https://first.example/", "provider", null, null, null, "X-Api-Key", 5_000, true);
    private static readonly ServiceDefinition Second = First with { Endpoint = "https://second.example/", AuthHeader = "X-Other-Key" };
    private readonly SimTimeProvider _time = new();
    private readonly List<string> _calls = [];

    public static TheoryData<bool, int> Puts
    {
        get
        {
            var puts = new TheoryData<bool, int>();
            foreach (var isOld in new[] { false, true })
            {
                for (var look = 1; look <= 5; look++) puts.Add(isOld, look);
            }

            return puts;
        }
    }

    [Theory]
    [MemberData(nameof(Puts))]
    public void A_put_between_two_looks_takes_the_secret_to_no_other_endpoint(bool isOld, int before)
    {
        Assert.IsType<ServiceOutcome.Output>(Outcome(isOld, look => look < before ? 1 : 2));
        Assert.Contains(Assert.Single(_calls), Both);
    }

    /// <summary>What was put and taken back has the definition that it had, and was another in between.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_put_and_taken_back_between_two_looks_is_asked_for_again(bool isOld)
    {
        Assert.IsType<ServiceOutcome.Output>(Outcome(isOld, look => Math.Clamp(look - 1, 1, 3)));
        Assert.Contains(Assert.Single(_calls), Both);
    }

    [Fact]
    public void While_puts_never_stop_a_release_that_answers_in_two_parts_is_believed_nothing()
    {
        Assert.IsType<ServiceOutcome.NotCalled>(Outcome(isOld: true, look => look));
        Assert.Empty(_calls);
    }

    private static string[] Both { get; } = ["https://first.example/ X-Api-Key first", "https://second.example/ X-Other-Key second"];

    /// <param name="puts">How many puts there were when it is looked at for the n-th time.</param>
    private StepOutcome Outcome(bool isOld, Func<int, int> puts) => new SimScheduler(new Random(1), _time).Run(() =>
        new ServiceCaller(new Changing(isOld, puts), new Listening(_calls), new Agora.Grains.Clocks.TenantTimes(new Agora.Contracts.Entities(null!), _time, alone: true), NullLogger<ServiceCaller>.Instance)
            .Call(Tenant.Default, new("echo", "u1", "a1", "{}"u8.ToArray(), Guid.CreateVersion7(), TimeSpan.FromSeconds(20)), null));

    private sealed class Listening(List<string> calls) : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation)
        {
            calls.Add($"{call.Endpoint} {call.Auth!.Name} {call.Auth.Value}");
            return Task.FromResult<OutboundResult>(new OutboundResult.Succeeded(200, "{}"u8.ToArray(), 1, null));
        }
    }

    /// <summary>Put again and again: the first definition by odd puts, the second by even ones.</summary>
    private sealed class Changing(bool isOld, Func<int, int> puts) : IEntities
    {
        private int _looks;

        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) => Task.FromResult(envelope.Answered(Answer.Of(Answered(envelope.Body)))));

        private object Answered(object command)
        {
            var put = puts(++_looks);
            var (definition, secret) = put % 2 == 1 ? (First, "first") : (Second, "second");
            var view = new ServiceView("echo", definition, false, DateTimeOffset.UnixEpoch.AddSeconds(put)); // such a release counts no changes of a secret
            return command is ServiceCommand.GetSecret ? new ServiceSecret(definition.AuthHeader, Personal.Of(secret), isOld ? null : view) : view;
        }
    }
}
