using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Kernel;

namespace Agora.Core.SignIns;

/// <summary>
/// Sign-ins of browsers under one name: which of them were signed out. Invariant: <c>few_ended_sign_ins</c>.
/// <para>Bound: <see cref="Limits.EndedSignIns"/>, each until the sign-in would have expired.</para>
/// </summary>
public sealed record SignInState(StreamId Stream, long Generation = 0)
{
    public ImmutableSortedDictionary<string, DateTimeOffset> Ended { get; init; } = NoneEnded;

    internal static ImmutableSortedDictionary<string, DateTimeOffset> NoneEnded { get; } = ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    public SignInsView View => new(Generation, [.. Ended.Select(static one => new EndedSignIn(one.Key, one.Value))]);

    public SignInState Evolve(SignInEvent happened, DateTimeOffset at) => happened switch
    {
        SignInEvent.Ended e => this with { Ended = Ended.RemoveRange(Ended.Where(one => one.Value <= at).Select(static one => one.Key)).SetItem(e.SignInId, e.Until) },
        SignInEvent.AllEnded => this with { Generation = Generation + 1, Ended = NoneEnded },
        _ => throw new UnreachableException(happened.GetType().Name),
    };

    public void CheckInvariants() => Invariant.Check(Ended.Count <= Limits.EndedSignIns, "few_ended_sign_ins");
}
