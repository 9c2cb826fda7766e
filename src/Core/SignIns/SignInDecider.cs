using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.SignIns.SignInState, Agora.Core.SignIns.SignInEvent>;

namespace Agora.Core.SignIns;

/// <summary>
/// Which sign-ins under a name were signed out.
/// <para>Rules. An ended sign-in stays ended until it expires. If more than <see cref="Limits.EndedSignIns"/> would have to be remembered, all sign-ins under the name end instead, so none ever becomes valid again.</para>
/// </summary>
public static class SignInDecider
{
    public static Decided Decide(SignInState state, SignInCommand command, Context context) => command switch
    {
        SignInCommand.Get => Decided.Query(state.View),
        SignInCommand.End c => End(state, c, context.Now),
        SignInCommand.EndAll => Decided.Accept(Nothing.Value, new SignInEvent.AllEnded()),
        SignInCommand.Tick => Decided.Accept(Nothing.Value),
        _ => throw new UnreachableException(command.GetType().Name),
    };

    private static Decided End(SignInState state, SignInCommand.End c, DateTimeOffset now)
    {
        if (c.Until <= now || state.Ended.ContainsKey(c.SignInId)) return Decided.Accept(Nothing.Value);

        var isFull = state.Ended.Count(one => one.Value > now) >= Limits.EndedSignIns;
        return Decided.Accept(Nothing.Value, isFull ? new SignInEvent.AllEnded() : new SignInEvent.Ended(c.SignInId, c.Until));
    }

    public static LateAnswer? Recall(SignInEvent happened, Guid commandId) => new(commandId, Answer.Of(Nothing.Value));
}
