using System.Globalization;
using Agora.Core.Kernel;
using Agora.Core.SignIns;
using SignIn = Agora.Core.Tests.Kernel.Scenario<Agora.Core.SignIns.SignInState, Agora.Core.SignIns.SignInCommand, Agora.Core.SignIns.SignInEvent>;

namespace Agora.Core.Tests.SignIns;

public sealed class SignInTests
{
    [Fact]
    public void A_sign_in_that_was_ended_stays_so_until_its_time_is_over_and_is_forgotten_then()
    {
        var name = SignIn.Of(Tenant.Default.SignIn("name")).Natural(static command => command is SignInCommand.End);
        var until = name.Now + TimeSpan.FromHours(12);
        name = name.When(new SignInCommand.End("one", until)).Then(new SignInEvent.Ended("one", until))
            .When(new SignInCommand.End("one", until)).Then()
            .When(new SignInCommand.Get()).ThenAnswered(new SignInsView(0, [new("one", until)]));

        name = name.After(TimeSpan.FromHours(12));
        name.When(new SignInCommand.End("one", until)).Then();
        name.When(new SignInCommand.End("two", until.AddHours(1))).When(new SignInCommand.Get()).ThenAnswered(new SignInsView(0, [new("two", until.AddHours(1))]));
    }

    [Fact]
    public void Ending_all_begins_the_next_generation()
    {
        var name = SignIn.Of(Tenant.Default.SignIn("name")).Natural(static command => command is SignInCommand.End);
        name.When(new SignInCommand.End("one", name.Now.AddHours(1)))
            .When(new SignInCommand.EndAll()).Then(new SignInEvent.AllEnded())
            .When(new SignInCommand.Get()).ThenAnswered(new SignInsView(1, []));
    }

    [Fact]
    public void Sign_ins_whose_time_is_over_make_room_so_one_more_ends_alone()
    {
        var name = SignIn.Of(Tenant.Default.SignIn("name")).Natural(static command => command is SignInCommand.End);
        var until = name.Now.AddHours(1);
        for (var n = 0; n < Limits.EndedSignIns; n++) name = name.When(new SignInCommand.End(n.ToString(CultureInfo.InvariantCulture), until));

        name = name.After(TimeSpan.FromHours(1));
        name.When(new SignInCommand.End("more", until.AddHours(1))).Then(new SignInEvent.Ended("more", until.AddHours(1)))
            .When(new SignInCommand.Get()).ThenAnswered(new SignInsView(0, [new("more", until.AddHours(1))]));
    }

    [Fact]
    public void One_more_than_can_be_remembered_ends_all()
    {
        var name = SignIn.Of(Tenant.Default.SignIn("name")).Natural(static command => command is SignInCommand.End { SignInId: not "more" }); // the next generation knows nothing of those before
        var until = name.Now.AddHours(12);
        for (var n = 0; n < Limits.EndedSignIns; n++) name = name.When(new SignInCommand.End(n.ToString(CultureInfo.InvariantCulture), until));

        name.When(new SignInCommand.End("more", until)).Then(new SignInEvent.AllEnded()).When(new SignInCommand.Get()).ThenAnswered(new SignInsView(1, []));
    }
}
