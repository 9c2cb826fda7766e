namespace Agora.Core.SignIns;

/// <summary>Closed union.</summary>
public abstract record SignInEvent
{
    private SignInEvent()
    {
    }

    public sealed record Ended(string SignInId, DateTimeOffset Until) : SignInEvent;

    public sealed record AllEnded : SignInEvent;
}
