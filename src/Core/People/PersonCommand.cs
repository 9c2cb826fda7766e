using Agora.Core.Kernel;

namespace Agora.Core.People;

/// <summary>
/// Closed union; answers: GetSecrets → <see cref="PersonSecrets"/>, Tick → nothing, all others → <see cref="PersonView"/>. Of one that was never put all but Put are not_found.
/// </summary>
public abstract record PersonCommand
{
    private PersonCommand()
    {
    }

    /// <param name="Role">By its name in settings.</param>
    /// <param name="Owner">Whose campaigns, or agents, a sponsor or a principal sees; null: no such role.</param>
    public sealed record Put(string Role, string? Owner) : PersonCommand;

    public sealed record Get : PersonCommand;

    /// <summary>For whoever compares what was typed: that takes long, and is done outside of the stream's turn.</summary>
    public sealed record GetSecrets : PersonCommand;

    /// <summary>A code with which whoever has it chooses the password, once. The one before it counts no more.</summary>
    /// <param name="Hash">SHA-256 of its text, lower-case hex: the code itself is never stored.</param>
    public sealed record IssueCode(string Hash) : PersonCommand;

    /// <summary>The code is taken, the password is that, a second factor is gone, and every browser is signed out.</summary>
    public sealed record UseCode(string Hash, Personal Password) : PersonCommand;

    /// <summary>The password is another, and every browser is signed out.</summary>
    /// <param name="Generation">Of whom the former password was compared: whatever came between makes it void.</param>
    public sealed record SetPassword(Personal Password, long Generation) : PersonCommand;

    /// <param name="Step">Of the code by which the person proved to have it.</param>
    /// <param name="Generation">As in <see cref="SetPassword"/>.</param>
    public sealed record SetSecondFactor(Personal Secret, long Step, long Generation) : PersonCommand;

    /// <summary>A code that is right is used, once.</summary>
    public sealed record TakeSecondFactor(long Step) : PersonCommand;

    /// <summary>A code of the second factor was wrong after a right password.</summary>
    public sealed record MissSecondFactor : PersonCommand;

    public sealed record SignOutEverywhere : PersonCommand;

    public sealed record Disable : PersonCommand;

    public sealed record Enable : PersonCommand;

    public sealed record Tick : PersonCommand;
}

/// <param name="Generation">A sign-in counts as long as it is of this one.</param>
/// <param name="CodeUntil">A code was issued, and counts until then; null: none waits.</param>
public sealed record PersonView(
    string PersonId, string Role, string? Owner, bool Disabled, bool HasPassword, bool HasSecondFactor, long Generation, DateTimeOffset? CodeUntil, DateTimeOffset UpdatedAt);

/// <param name="Password">Null: none was chosen.</param>
/// <param name="SecondFactor">Null: there is none.</param>
/// <param name="CodeHash">Of the code that waits; null: none does, or not any more.</param>
/// <param name="SecondFactorFailures">Wrong codes of the second factor in a row.</param>
public sealed record PersonSecrets(PersonView View, Personal? Password, Personal? SecondFactor, long SecondFactorStep, string? CodeHash, int SecondFactorFailures = 0);
