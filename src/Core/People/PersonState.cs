using System.Diagnostics;
using Agora.Core.Kernel;

namespace Agora.Core.People;

/// <summary>
/// A person who signs in at the console. Invariants: <c>secrets_are_as_shown</c>, <c>code_is_as_shown</c>, <c>second_factor_failures_are_bounded</c>.
/// <para>Bound: one password, one second factor, one code.</para>
/// </summary>
/// <param name="View">Null: nobody was put under this name.</param>
public sealed record PersonState(StreamId Stream, PersonView? View = null)
{
    public static PersonState Initial(StreamId stream) => new(stream);

    public Personal? Password { get; init; }

    public Personal? SecondFactor { get; init; }

    /// <summary>Of the last code that was used: none counts twice (RFC 6238 section 5.2).</summary>
    public long Step { get; init; }

    /// <summary>Wrong codes of the second factor in a row.</summary>
    public int Failures { get; init; }

    /// <summary>Of the code that waits.</summary>
    public string? CodeHash { get; init; }

    public PersonState Evolve(PersonEvent happened) => happened switch
    {
        PersonEvent.PersonPut or PersonEvent.Enabled => this with { View = happened.View },
        PersonEvent.SignedOutEverywhere or PersonEvent.Disabled => this with { View = happened.View, CodeHash = null },
        PersonEvent.CodeIssued e => this with { View = e.View, CodeHash = e.Hash },
        PersonEvent.PasswordSet e => this with { View = e.View, Password = e.Password, CodeHash = null, SecondFactor = e.View.HasSecondFactor ? SecondFactor : null, Failures = e.View.HasSecondFactor ? Failures : 0 },
        PersonEvent.SecondFactorSet e => this with { View = e.View, SecondFactor = e.Secret, Step = e.Step, Failures = 0 },
        PersonEvent.SecondFactorTaken e => this with { View = e.View, Step = e.Step, Failures = 0 },
        PersonEvent.SecondFactorMissed e => this with { View = e.View, Failures = e.Failures },
        _ => throw new UnreachableException(),
    };

    public void CheckInvariants()
    {
        // What is shown may outlive what was sealed, never the other way round.
        Invariant.Check((Password is null || View is { HasPassword: true }) && (SecondFactor is null || View is { HasSecondFactor: true }), "secrets_are_as_shown");
        Invariant.Check(Failures is >= 0 and <= Limits.SecondFactorFailures, "second_factor_failures_are_bounded");
        Invariant.Check(CodeHash is null == View?.CodeUntil is null, "code_is_as_shown");
    }
}
