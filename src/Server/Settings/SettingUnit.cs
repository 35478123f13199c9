namespace Elasticity.Server.Settings;

/// <summary>What the values of a setting are.</summary>
public enum SettingUnit
{
    /// <summary>A whole number.</summary>
    Count,

    /// <summary>Bytes, also as KiB, MiB or GiB.</summary>
    Bytes,

    /// <summary>A time with a unit.</summary>
    Time,
}
