using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.People.PersonState, Agora.Core.People.PersonEvent>;

namespace Agora.Core.People;

/// <summary>
/// A person who signs in at the console.
/// <para>Rules. A person chooses the password with a code that somebody else issues; the code is used once and counts for <see cref="Limits.PersonCodeValid"/>. Whatever takes something from
/// who may sign in, or asks more of it (another password, a second factor, disabling) begins the next generation, and sign-ins of former ones count no more. A code of the second factor is used once; after <see cref="Limits.SecondFactorFailures"/> wrong ones in a row it is locked until an operator issues a code. Nothing is hashed
/// here: that takes long, and is done by whoever asks.</para>
/// </summary>
public static class PersonDecider
{
    public static Decided Decide(PersonState state, PersonCommand command, Context context)
    {
        if (command is PersonCommand.Tick) return Decided.Accept(Nothing.Value);
        if (command is PersonCommand.Put put) return Put(state, put, context);
        if (state.View is not { } view) return Decided.Reject(PersonRejection.NotFound);

        var next = view with { UpdatedAt = context.Now };
        return command switch
        {
            PersonCommand.Get => Decided.Query(view),
            PersonCommand.GetSecrets => Decided.Query(Secrets(state, view, context)),
            PersonCommand.IssueCode c => Happened(new PersonEvent.CodeIssued(next with { CodeUntil = context.Now + Limits.PersonCodeValid }, c.Hash)),
            PersonCommand.UseCode c => UseCode(state, next, c, context),
            PersonCommand.SetPassword c => SetPassword(view, next, c),
            PersonCommand.SetSecondFactor c => SetSecondFactor(view, next, c),
            PersonCommand.TakeSecondFactor c => TakeSecondFactor(state, next, c),
            PersonCommand.MissSecondFactor => MissSecondFactor(state, next),
            PersonCommand.SignOutEverywhere => Happened(new PersonEvent.SignedOutEverywhere(NextGeneration(next) with { CodeUntil = null })),
            PersonCommand.Disable => view.Disabled ? Decided.Accept(view) : Happened(new PersonEvent.Disabled(NextGeneration(next) with { Disabled = true, CodeUntil = null })),
            PersonCommand.Enable => view.Disabled ? Happened(new PersonEvent.Enabled(next with { Disabled = false })) : Decided.Accept(view),
            _ => throw new UnreachableException(),
        };
    }

    private static Decided Put(PersonState state, PersonCommand.Put c, Context context)
    {
        if (state.View is not { } view)
        {
            return Happened(new PersonEvent.PersonPut(new(state.Stream.Id, c.Role, c.Owner, false, false, false, 1, null, context.Now)));
        }

        return view.Role == c.Role && view.Owner == c.Owner ? Decided.Accept(view) : Happened(new PersonEvent.PersonPut(view with { Role = c.Role, Owner = c.Owner, UpdatedAt = context.Now }));
    }

    private static Decided UseCode(PersonState state, PersonView next, PersonCommand.UseCode c, Context context)
    {
        if (next.Disabled || state.CodeHash is not { } hash || !(context.Now < next.CodeUntil)) return Decided.Reject(PersonRejection.WrongCode);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(c.Hash)))
        {
            return Decided.Reject(PersonRejection.WrongCode);
        }

        return Happened(new PersonEvent.PasswordSet(NextGeneration(next) with { HasPassword = true, HasSecondFactor = false, CodeUntil = null }) { Password = c.Password });
    }

    private static Decided SetPassword(PersonView view, PersonView next, PersonCommand.SetPassword c)
    {
        if (view.Disabled || view.Generation != c.Generation) return Decided.Reject(PersonRejection.SignedOut);

        return Happened(new PersonEvent.PasswordSet(NextGeneration(next) with { HasPassword = true, CodeUntil = null }) { Password = c.Password });
    }

    private static Decided SetSecondFactor(PersonView view, PersonView next, PersonCommand.SetSecondFactor c)
    {
        if (view.Disabled || view.Generation != c.Generation) return Decided.Reject(PersonRejection.SignedOut);

        return Happened(new PersonEvent.SecondFactorSet(NextGeneration(next) with { HasSecondFactor = true }, c.Step) { Secret = c.Secret });
    }

    private static PersonSecrets Secrets(PersonState state, PersonView view, Context context) =>
        new(view, state.Password, state.SecondFactor, state.Step, !view.Disabled && context.Now < view.CodeUntil ? state.CodeHash : null, state.Failures);

    private static Decided MissSecondFactor(PersonState state, PersonView next) =>
        !next.HasSecondFactor || state.Failures >= Limits.SecondFactorFailures ? Decided.Accept(state.View!) : Happened(new PersonEvent.SecondFactorMissed(next, state.Failures + 1));

    private static Decided TakeSecondFactor(PersonState state, PersonView next, PersonCommand.TakeSecondFactor c) =>
        state.Failures >= Limits.SecondFactorFailures ? Decided.Reject(PersonRejection.SecondFactorLocked) : next.Disabled || !next.HasSecondFactor || c.Step <= state.Step ? Decided.Reject(PersonRejection.SecondFactorUsed) : Happened(new PersonEvent.SecondFactorTaken(next, c.Step));

    private static PersonView NextGeneration(PersonView view) => view with { Generation = view.Generation + 1 };

    private static Decided Happened(PersonEvent happened) => Decided.Accept(happened.View, happened);

    public static LateAnswer? Recall(PersonEvent happened, Guid commandId) => new(commandId, Answer.Of(happened.View));
}
