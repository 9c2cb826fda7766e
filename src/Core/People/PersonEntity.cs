using Agora.Core.Kernel;

namespace Agora.Core.People;

/// <summary>A person who signs in at the console, with a password and perhaps a second factor.</summary>
public static class PersonEntity
{
    public const string Kind = Kinds.Person;

    public static Entity<PersonState, PersonCommand, PersonEvent> Entity { get; } = new(Kind)
    {
        Events = PersonCodec.Events,
        Commands = PersonCodec.Commands,
        Answers = new UnionCodec<object>().Case<PersonView>("answer.person").Case<PersonSecrets>("answer.person_secrets"),
        Tables = [PersonTables.People],
        Snapshots = new(1, PersonCodec.Save, PersonCodec.Restore),
        Initial = PersonState.Initial,
        Decide = PersonDecider.Decide,
        Evolve = static (state, happened, _) => state.Evolve(happened),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Recall = PersonDecider.Recall,
        Rows = static (state, _, _) => [PersonTables.Row(state)],
        PersonalKey = static state => $"person/{state.Stream.Tenant}/{state.Stream.Id}",
        Tick = new PersonCommand.Tick(),
    };
}
