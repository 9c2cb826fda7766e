namespace Agora.Core.SignIns;

/// <summary>Closed union; answers: Get → <see cref="SignInsView"/>, all others → nothing.</summary>
public abstract record SignInCommand
{
    private SignInCommand()
    {
    }

    public sealed record Get : SignInCommand;

    /// <summary>Ends one sign-in.</summary>
    /// <param name="Until">When the sign-in would have expired.</param>
    public sealed record End(string SignInId, DateTimeOffset Until) : SignInCommand;

    /// <summary>Ends every sign-in under the name.</summary>
    public sealed record EndAll : SignInCommand;

    public sealed record Tick : SignInCommand;
}

/// <param name="Generation">Only sign-ins of this generation are valid.</param>
/// <param name="Ended">Sign-ins of this generation that were signed out before they expired, in the order of their ids.</param>
public sealed record SignInsView(long Generation, IReadOnlyList<EndedSignIn> Ended);

/// <param name="Until">When the sign-in would have expired. It is forgotten afterwards.</param>
public sealed record EndedSignIn(string SignInId, DateTimeOffset Until);
