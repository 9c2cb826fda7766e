using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.People;

/// <summary>Closed union of what happens to a person. Each event holds the view that was answered; what is secret is sealed beside it.</summary>
public abstract record PersonEvent(PersonView View)
{
    public sealed record PersonPut(PersonView View) : PersonEvent(View);

    /// <param name="Hash">SHA-256 of the code's text, lower-case hex.</param>
    public sealed record CodeIssued(PersonView View, string Hash) : PersonEvent(View);

    public sealed record PasswordSet(PersonView View) : PersonEvent(View)
    {
        /// <summary>Its hash, with what it was made by. Null: the key that sealed it is gone.</summary>
        [JsonIgnore]
        public Personal? Password { get; init; }
    }

    /// <param name="Step">Of the code by which the person proved to have it.</param>
    public sealed record SecondFactorSet(PersonView View, long Step) : PersonEvent(View)
    {
        /// <summary>Null: the key that sealed it is gone.</summary>
        [JsonIgnore]
        public Personal? Secret { get; init; }
    }

    /// <param name="Step">No code of it, or of one before it, counts any more.</param>
    public sealed record SecondFactorTaken(PersonView View, long Step) : PersonEvent(View);

    /// <param name="Failures">Wrong codes in a row, this one too.</param>
    public sealed record SecondFactorMissed(PersonView View, int Failures) : PersonEvent(View);

    public sealed record SignedOutEverywhere(PersonView View) : PersonEvent(View);

    public sealed record Disabled(PersonView View) : PersonEvent(View);

    public sealed record Enabled(PersonView View) : PersonEvent(View);
}
