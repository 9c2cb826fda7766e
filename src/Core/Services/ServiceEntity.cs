using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>Something agents can buy.</summary>
public static class ServiceEntity
{
    public const string Kind = Kinds.Service;

    public static Entity<ServiceState, ServiceCommand, ServiceEvent> Entity { get; } = new(Kind)
    {
        Events = ServiceCodec.Events,
        Commands = ServiceCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<ServiceView>("answer.service")
            .Case<ServiceSecret>("answer.service_secret")
            .Case<TestAnswers>("answer.service_test_answers")
            .Case<ServiceTrial>("answer.service_trial"),
        Tables = [ServiceTables.Services],
        Snapshots = new(1, ServiceCodec.Save, ServiceCodec.Restore),
        Initial = static stream => new ServiceState(stream, null, null),
        Decide = ServiceDecider.Decide,
        Evolve = static (state, happened, _) => state.Evolve(happened),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Due = ServiceDecider.Due,
        Recall = ServiceDecider.Recall,
        Rows = static (state, _, _) => ServiceTables.Rows(state),
        PersonalKey = static state => $"service/{state.Stream.Tenant}/{state.Stream.Id}",
        Tick = new ServiceCommand.Tick(),
    };
}
