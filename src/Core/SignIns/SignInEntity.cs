using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.SignIns;

/// <summary>Sign-ins of browsers under one name.</summary>
public static class SignInEntity
{
    public const string Kind = Kinds.SignIn;

    public static Entity<SignInState, SignInCommand, SignInEvent> Entity { get; } = new(Kind)
    {
        Events = new UnionCodec<SignInEvent>()
            .Case<SignInEvent.Ended>("signin.ended")
            .Case<SignInEvent.AllEnded>("signin.all_ended"),
        Commands = new UnionCodec<SignInCommand>()
            .Case<SignInCommand.Get>("signin.get")
            .Case<SignInCommand.End>("signin.end")
            .Case<SignInCommand.EndAll>("signin.end_all")
            .Case<SignInCommand.Tick>("signin.tick"),
        Answers = new UnionCodec<object>().Case<SignInsView>("answer.sign_ins"),
        Snapshots = new(1, Save, Restore),
        Initial = static stream => new SignInState(stream),
        Decide = SignInDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Recall = SignInDecider.Recall,
        Rows = static (_, _, _) => [],
        Tick = new SignInCommand.Tick(),
    };

    private static byte[] Save(SignInState s) => JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.Generation, s.View.Ended), StoredJson.Options);

    private static SignInState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.Generation) { Ended = SignInState.NoneEnded.AddRange(s.Ended.Select(static one => KeyValuePair.Create(one.SignInId, one.Until))) };
    }

    private sealed record Saved(string Stream, long Generation, IReadOnlyList<EndedSignIn> Ended);
}
