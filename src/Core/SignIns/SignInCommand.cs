namespace Agora.Core.SignIns;

/// <summary>Closed union; answers: Get → <see cref="SignInsView"/>, all others → nothing.</summary>
public abstract record SignInCommand
{
    private SignInCommand()
    {
    }

    public sealed record Get : SignInCommand;

    /// <summary>One sign-in is over.</summary>
    /// <param name="Until">When it would have ended by itself.</param>
    public sealed record End(string SignInId, DateTimeOffset Until) : SignInCommand;

    /// <summary>Every sign-in under the name is over.</summary>
    public sealed record EndAll : SignInCommand;

    public sealed record Tick : SignInCommand;
}

/// <param name="Generation">A sign-in is good only if it is of this generation.</param>
/// <param name="Ended">Sign-ins of this generation that were signed out before their time, in the order of their ids.</param>
public sealed record SignInsView(long Generation, IReadOnlyList<EndedSignIn> Ended);

/// <param name="Until">When the sign-in would have ended by itself; it is forgotten afterwards.</param>
public sealed record EndedSignIn(string SignInId, DateTimeOffset Until);
