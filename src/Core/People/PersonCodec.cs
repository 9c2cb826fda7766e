using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.People;

/// <summary>Stored names, for ever.</summary>
public static class PersonCodec
{
    public static readonly UnionCodec<PersonEvent> Events = new UnionCodec<PersonEvent>()
        .Case<PersonEvent.PersonPut>("person.person_put")
        .Case<PersonEvent.CodeIssued>("person.code_issued")
        .Case<PersonEvent.PasswordSet>("person.password_set", personal: e => e.Password, with: (e, password) => e with { Password = password })
        .Case<PersonEvent.SecondFactorSet>("person.second_factor_set", personal: e => e.Secret, with: (e, secret) => e with { Secret = secret })
        .Case<PersonEvent.SecondFactorTaken>("person.second_factor_taken")
        .Case<PersonEvent.SecondFactorMissed>("person.second_factor_missed")
        .Case<PersonEvent.SignedOutEverywhere>("person.signed_out_everywhere")
        .Case<PersonEvent.Disabled>("person.disabled")
        .Case<PersonEvent.Enabled>("person.enabled");

    public static readonly UnionCodec<PersonCommand> Commands = new UnionCodec<PersonCommand>()
        .Case<PersonCommand.Put>("person.put")
        .Case<PersonCommand.Get>("person.get")
        .Case<PersonCommand.GetSecrets>("person.get_secrets")
        .Case<PersonCommand.IssueCode>("person.issue_code")
        .Case<PersonCommand.UseCode>("person.use_code")
        .Case<PersonCommand.SetPassword>("person.set_password")
        .Case<PersonCommand.SetSecondFactor>("person.set_second_factor")
        .Case<PersonCommand.TakeSecondFactor>("person.take_second_factor")
        .Case<PersonCommand.MissSecondFactor>("person.miss_second_factor")
        .Case<PersonCommand.SignOutEverywhere>("person.sign_out_everywhere")
        .Case<PersonCommand.Disable>("person.disable")
        .Case<PersonCommand.Enable>("person.enable")
        .Case<PersonCommand.Tick>("person.tick");

    public static byte[] Save(PersonState s) => JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.View, s.Password, s.SecondFactor, s.Step, s.CodeHash, s.Failures), StoredJson.Options);

    public static PersonState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.View) { Password = s.Password, SecondFactor = s.SecondFactor, Step = s.Step, CodeHash = s.CodeHash, Failures = s.Failures };
    }

    private sealed record Saved(string Stream, PersonView? View, Personal? Password, Personal? SecondFactor, long Step, string? CodeHash, int Failures = 0);
}
