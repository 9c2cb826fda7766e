using Agora.Core.Kernel;
using Agora.Core.People;
using Person = Agora.Core.Tests.Kernel.Scenario<Agora.Core.People.PersonState, Agora.Core.People.PersonCommand, Agora.Core.People.PersonEvent>;

namespace Agora.Core.Tests.People;

public sealed class PersonTests
{
    private static readonly string Hash = new('a', 64);
    private static readonly string Other = new('b', 64);
    private static readonly Personal Password = Personal.Of("a hash");
    private static readonly Personal Secret = Personal.Of("a secret");

    public static TheoryData<PersonCommand> AllButPut =>
    [
        new PersonCommand.Get(), new PersonCommand.GetSecrets(), new PersonCommand.IssueCode(Hash), new PersonCommand.UseCode(Hash, Password), new PersonCommand.SetPassword(Password, 1),
        new PersonCommand.SetSecondFactor(Secret, 1, 1), new PersonCommand.TakeSecondFactor(1), new PersonCommand.MissSecondFactor(), new PersonCommand.SignOutEverywhere(), new PersonCommand.Disable(), new PersonCommand.Enable(),
    ];

    [Theory]
    [MemberData(nameof(AllButPut))]
    public void Whoever_was_never_put_is_not_found(PersonCommand command) => Nobody().When(command).ThenRejected(PersonRejection.NotFound);

    [Fact]
    public void A_person_has_a_role_that_can_be_changed_and_the_same_again_changes_nothing()
    {
        var put = View();
        var sponsor = put with { Role = "sponsor", Owner = "acme" };
        Nobody().When(new PersonCommand.Put("viewer", null)).Then(new PersonEvent.PersonPut(put)).ThenAnswered(put)
            .When(new PersonCommand.Put("viewer", null)).Then().ThenAnswered(put)
            .When(new PersonCommand.Put("sponsor", "acme")).Then(new PersonEvent.PersonPut(sponsor)).ThenAnswered(sponsor);
    }

    [Fact]
    public void A_code_sets_the_password_once_and_takes_the_second_factor_away()
    {
        var person = WithSecondFactor().When(new PersonCommand.IssueCode(Hash)).When(new PersonCommand.UseCode(Hash, Password));
        person.When(new PersonCommand.GetSecrets()).ThenAnswered(new PersonSecrets(View() with { HasPassword = true, Generation = 4 }, Password, null, 7, null))
            .When(new PersonCommand.UseCode(Hash, Password)).ThenRejected(PersonRejection.WrongCode);
    }

    [Fact]
    public void A_code_that_is_wrong_or_was_replaced_or_is_too_old_sets_nothing()
    {
        var person = Put().When(new PersonCommand.UseCode(Hash, Password)).ThenRejected(PersonRejection.WrongCode)
            .When(new PersonCommand.IssueCode(Hash)).When(new PersonCommand.UseCode(Other, Password)).ThenRejected(PersonRejection.WrongCode)
            .When(new PersonCommand.IssueCode(Other)).When(new PersonCommand.UseCode(Hash, Password)).ThenRejected(PersonRejection.WrongCode);
        person.After(Limits.PersonCodeValid).When(new PersonCommand.UseCode(Other, Password)).ThenRejected(PersonRejection.WrongCode);
    }

    [Fact]
    public void Another_password_begins_the_next_generation_and_one_that_was_compared_before_it_is_void()
    {
        var changed = View() with { HasPassword = true, Generation = 3 };
        WithPassword().When(new PersonCommand.SetPassword(Password, 2)).ThenAnswered(changed)
            .When(new PersonCommand.SetPassword(Password, 2)).ThenRejected(PersonRejection.SignedOut)
            .When(new PersonCommand.SetSecondFactor(Secret, 1, 2)).ThenRejected(PersonRejection.SignedOut);
    }

    [Fact]
    public void A_code_of_the_second_factor_counts_once_and_none_before_it_counts_after_it() => WithSecondFactor()
        .When(new PersonCommand.TakeSecondFactor(7)).ThenRejected(PersonRejection.SecondFactorUsed)
        .When(new PersonCommand.TakeSecondFactor(9)).ThenAnswered(View() with { HasPassword = true, HasSecondFactor = true, Generation = 3 })
        .When(new PersonCommand.TakeSecondFactor(9)).ThenRejected(PersonRejection.SecondFactorUsed)
        .When(new PersonCommand.TakeSecondFactor(8)).ThenRejected(PersonRejection.SecondFactorUsed);

    [Fact]
    public void Signing_out_everywhere_and_disabling_begin_the_next_generation_and_enabling_does_not_bring_the_former_back()
    {
        var out1 = View() with { HasPassword = true, Generation = 3 };
        var disabled = out1 with { Disabled = true, Generation = 4 };
        WithPassword().When(new PersonCommand.SignOutEverywhere()).Then(new PersonEvent.SignedOutEverywhere(out1)).ThenAnswered(out1)
            .When(new PersonCommand.Disable()).Then(new PersonEvent.Disabled(disabled)).ThenAnswered(disabled)
            .When(new PersonCommand.Disable()).Then().ThenAnswered(disabled)
            .When(new PersonCommand.SetPassword(Password, 4)).ThenRejected(PersonRejection.SignedOut)
            .When(new PersonCommand.Enable()).ThenAnswered(disabled with { Disabled = false })
            .When(new PersonCommand.Enable()).Then();
    }

    [Fact]
    public void Whoever_is_disabled_uses_no_code() => Put().When(new PersonCommand.IssueCode(Hash)).When(new PersonCommand.Disable())
        .When(new PersonCommand.UseCode(Hash, Password)).ThenRejected(PersonRejection.WrongCode);

    [Fact]
    public void Signing_out_everywhere_and_disabling_take_a_code_that_waits_and_it_is_shown_to_nobody_who_compares()
    {
        Put().When(new PersonCommand.IssueCode(Hash)).When(new PersonCommand.SignOutEverywhere()).When(new PersonCommand.UseCode(Hash, Password)).ThenRejected(PersonRejection.WrongCode);
        Put().When(new PersonCommand.IssueCode(Hash)).When(new PersonCommand.Disable()).When(new PersonCommand.Enable()).When(new PersonCommand.UseCode(Hash, Password)).ThenRejected(PersonRejection.WrongCode);
        Put().When(new PersonCommand.IssueCode(Hash)).After(Limits.PersonCodeValid).When(new PersonCommand.GetSecrets())
            .ThenAnswered(new PersonSecrets(View() with { CodeUntil = Person.Start + Limits.PersonCodeValid }, null, null, 0, null));
    }

    [Fact]
    public void A_second_factor_is_locked_after_a_hundred_wrong_codes_in_a_row_until_a_code_is_used()
    {
        var person = WithSecondFactor();
        for (var n = 1; n < Limits.SecondFactorFailures; n++) person = person.When(new PersonCommand.MissSecondFactor());
        person = person.When(new PersonCommand.TakeSecondFactor(9));
        for (var n = 1; n <= Limits.SecondFactorFailures; n++) person = person.When(new PersonCommand.MissSecondFactor());

        person.When(new PersonCommand.TakeSecondFactor(10)).ThenRejected(PersonRejection.SecondFactorLocked)
            .When(new PersonCommand.MissSecondFactor()).Then()
            .When(new PersonCommand.IssueCode(Hash)).When(new PersonCommand.UseCode(Hash, Password))
            .When(new PersonCommand.SetSecondFactor(Secret, 11, 4)).When(new PersonCommand.TakeSecondFactor(12)).ThenAnswered(View() with { HasPassword = true, HasSecondFactor = true, Generation = 5 });
    }

    private static PersonView View() => new("ann", "viewer", null, false, false, false, 1, null, Person.Start);

    private static Person Nobody() => Person.Of(Tenant.Default.Person("ann"));

    private static Person Put() => Nobody().When(new PersonCommand.Put("viewer", null));

    private static Person WithPassword() => Put().When(new PersonCommand.IssueCode(Hash)).When(new PersonCommand.UseCode(Hash, Password));

    private static Person WithSecondFactor() => WithPassword().When(new PersonCommand.SetSecondFactor(Secret, 7, 2));
}
